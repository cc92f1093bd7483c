"""Which links are videos, and what of them reaches the page."""

import pytest

from courses.video import Video, video_of

YOUTUBE = Video("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "https://www.youtube-nocookie.com")
VIMEO = Video("https://player.vimeo.com/video/123456789", "https://player.vimeo.com")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch?list=x&v=dQw4w9WgXcQ&t=10s",
        "http://m.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://youtu.be/dQw4w9WgXcQ?si=abc",
        "https://youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube.com/live/dQw4w9WgXcQ?feature=share",
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
        " https://youtu.be/dQw4w9WgXcQ ",
    ],
)
def test_links_of_youtube(url):
    assert video_of(url) == YOUTUBE


@pytest.mark.parametrize(
    "url",
    [
        "https://vimeo.com/123456789",
        "https://player.vimeo.com/video/123456789",
        "https://vimeo.com/channels/a/123456789",
    ],
)
def test_links_of_vimeo(url):
    assert video_of(url) == VIMEO


def test_a_hidden_film_of_vimeo_keeps_its_key():
    wanted = f"{VIMEO.address}?h=0123abcdef"
    for url in ("https://vimeo.com/123456789/0123abcdef", "https://player.vimeo.com/video/123456789?h=0123abcdef&x=1"):
        found = video_of(url)
        assert found and found.address == wanted


@pytest.mark.parametrize(("ending", "kind"), [("mp4", "video/mp4"), ("webm", "video/webm"), ("MP4", "video/mp4")])
def test_a_file_is_played_from_its_own_origin(ending, kind):
    url = f"https://cdn.school.test/a/film.{ending}?sig=1"
    assert video_of(url) == Video(url, "https://cdn.school.test", kind)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)//youtu.be/dQw4w9WgXcQ",
        "https://youtube.com.evil.test/watch?v=dQw4w9WgXcQ",
        "https://evil.test/?v=dQw4w9WgXcQ",
        "https://www.youtube.com/watch?v=short",
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ%22onload",
        "https://www.youtube.com/embed/dQw4w9WgXcQ/../../x",
        "https://youtu.be/dQw4w9WgXcQ/more",
        "https://vimeo.com/about",
        "https://vimeo.com/١٢٣٤٥٦٧٨٩",
        "http://cdn.school.test/film.mp4",
        "https://user:password@cdn.school.test/film.mp4",
        "https://cdn.school.test:8443/film.mp4",
        "https://localhost/film.mp4",
        "https://cdn.school.test;script-src/film.mp4",
        "https://cdn.school.test/film.exe",
        "https://[::1/film.mp4",
        "data:video/mp4;base64,AAAA.mp4",
    ],
)
def test_what_is_no_video(url):
    assert video_of(url) is None
