"""Pages with a video open the content security policy for its origin, and for nothing else."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csp import csp_override

from courses.video import Video


def allow_video(request: HttpRequest, response: HttpResponse, video: Video | None) -> HttpResponse:
    """The page's own policy with the origin of this video added: as a frame, or as the source of a file."""
    if video is None:
        return response
    return allow_origins(request, response, **{"media" if video.is_file else "frame": [video.origin]})


def allow_origins(
    request: HttpRequest, response: HttpResponse, *, frame: Sequence[str] = (), media: Sequence[str] = ()
) -> HttpResponse:
    """The page's own policy with these origins of frames and of sound and pictures that move."""
    added: dict[str, Any] = {"frame-src": list(frame)} if frame else {}
    added |= {"media-src": list(media)} if media else {}
    policy: dict[str, Any] = settings.SECURE_CSP | added
    answered: HttpResponse = csp_override(policy)(lambda _request: response)(request)
    return answered
