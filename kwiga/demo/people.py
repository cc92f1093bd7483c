"""People who might be students of the sample school; none of them exists."""

from dataclasses import dataclass

_NAMES = {
    "uk": (
        "Олена Ткачук|Тарас Бойко|Ірина Мельник|Андрій Шевчук|Наталія Кравець|Богдан Лисенко|Марія Гончар|Юрій Савчук|"
        "Оксана Поліщук|Дмитро Руденко|Софія Мороз|Василь Павленко|Катерина Левчук|Максим Хоменко|Ганна Сидоренко|"
        "Роман Клименко|Людмила Зінченко|Остап Гнатюк|Вікторія Бондар|Ігор Федоренко|Юлія Коваль|Степан Дячук|"
        "Тетяна Білоус|Олексій Панчук"
    ),
    "pl": (
        "Anna Kowalska|Piotr Wiśniewski|Katarzyna Wójcik|Tomasz Kamiński|Małgorzata Lewandowska|Paweł Zieliński|"
        "Zofia Szymańska|Michał Dąbrowski|Agnieszka Kozłowska|Łukasz Jankowski|Ewa Mazur|Jakub Krawczyk|"
        "Hanna Piotrowska|Marcin Grabowski|Joanna Pawlak|Wojciech Michalski|Grzegorz Wróbel"
    ),
    "en": (
        "Emily Carter|James Whitfield|Sophie Turner-Hale|Daniel O’Connor|Grace Bennett|Oliver Marsh|Hannah Doyle|"
        "Thomas Ellery|Ruth Adeyemi|Samuel Park|Lucy Hargreaves|Nathan Cole|Clara Jensen|Marcus Webb|Isabel Moreno|"
        "Peter Novak|Amelia Frost"
    ),
}
_LATIN = str.maketrans(
    dict(zip("абвгґдезийіклмнопрстуфцьє", "abvhgdezyyiklmnoprstufc'e", strict=True))
    | {"ж": "zh", "х": "kh", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "iu", "я": "ia", "ї": "i"}
    | dict(zip("ąćęłńóśźż", "acelnoszz", strict=True))
)


@dataclass(frozen=True, kw_only=True)
class Student:
    """Who buys in the demo."""

    name: str
    email: str
    phone: str
    language: str


def students() -> list[Student]:
    """All of them, languages mixed, always in the same order."""
    lists = {language: names.split("|") for language, names in _NAMES.items()}
    longest = max(map(len, lists.values()))
    mixed = [
        (language, names[place]) for place in range(longest) for language, names in lists.items() if place < len(names)
    ]
    return [_student(number, language, name) for number, (language, name) in enumerate(mixed)]


def _student(number: int, language: str, name: str) -> Student:
    folded = name.lower().translate(_LATIN)
    address = "".join(
        letter for letter in folded.replace(" ", ".") if letter.isascii() and (letter.isalnum() or letter == ".")
    )
    phone = {"uk": f"+380 67 555 {number:02} 10", "pl": f"+48 600 555 {number:03}", "en": ""}[language]
    return Student(name=name, email=f"{address}@example.test", phone=phone, language=language)
