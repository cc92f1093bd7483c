"""The legal terms of the sample school, in the three languages of its students."""

from kwiga.demo.rows import MadeRows
from kwiga.demo.texts import html_of
from offers.models import TermsDocument
from offers.services.documents import DocumentTexts, create_document
from schools.models import User

_OFFER = {
    "en": (
        "Terms of sale",
        "The school opens the courses named in the offer after payment, for the time stated there.\n\n"
        "You may cancel within 14 days as long as you have opened fewer than three lessons; the money goes back the "
        "way it came within five working days.\n\n"
        "- One person learns with one access.\n- Lessons may not be published elsewhere.\n"
        "- Prices include all taxes.",
    ),
    "uk": (
        "Публічна оферта",
        "Після оплати школа відкриває курси, названі в пропозиції, на вказаний у ній строк.\n\n"
        "Протягом 14 днів ви можете відмовитися, якщо відкрили менше ніж три уроки; гроші повертаються тим самим "
        "шляхом упродовж пʼяти робочих днів.\n\n"
        "- Один доступ для однієї людини.\n- Уроки не можна публікувати деінде.\n- Ціни містять усі податки.",
    ),
    "pl": (
        "Regulamin sprzedaży",
        "Po opłaceniu szkoła otwiera kursy wymienione w ofercie na podany w niej czas.\n\n"
        "W ciągu 14 dni możesz odstąpić od umowy, jeśli otwarto mniej niż trzy lekcje; pieniądze wracają tą samą "
        "drogą w ciągu pięciu dni roboczych.\n\n"
        "- Jeden dostęp to jedna osoba.\n- Lekcji nie wolno publikować gdzie indziej.\n"
        "- Ceny zawierają wszystkie podatki.",
    ),
}
_PRIVACY = {
    "en": (
        "Privacy",
        "We keep your name, email and what you have bought, because without them there is no access and no receipt. "
        "Nobody else gets them but the bank that takes the payment.",
    ),
    "uk": (
        "Приватність",
        "Ми зберігаємо ваше імʼя, пошту та покупки, бо без них немає ні доступу, ні квитанції. Їх не отримує ніхто, "
        "крім банку, що приймає оплату.",
    ),
    "pl": (
        "Prywatność",
        "Przechowujemy imię, adres e-mail i zakupy, bo bez nich nie ma dostępu ani rachunku. Nie dostaje ich nikt poza "
        "bankiem, który przyjmuje płatność.",
    ),
}


def make_terms(rows: MadeRows, actor: User) -> tuple[TermsDocument, TermsDocument]:
    """Terms of sale, which buyers accept, and the words about privacy, which they can read."""
    return (
        rows.add(create_document(name="Terms of sale", is_in_footer=True, texts=_texts(_OFFER), actor=actor)),
        rows.add(create_document(name="Privacy", is_in_footer=True, texts=_texts(_PRIVACY), actor=actor)),
    )


def _texts(wordings: dict[str, tuple[str, str]]) -> tuple[DocumentTexts, ...]:
    return tuple(
        DocumentTexts(language=language, title=title, body=html_of(body))
        for language, (title, body) in wordings.items()
    )
