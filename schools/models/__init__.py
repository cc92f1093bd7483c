from schools.models.demo import DemoRow
from schools.models.directory import AfterSignIn, Domain, Member, School
from schools.models.files import StoredFile
from schools.models.invitation import Invitation
from schools.models.journal import Event, OutboxRow
from schools.models.search import SearchWord
from schools.models.secret import Secret
from schools.models.user import User

__all__ = [
    "AfterSignIn",
    "DemoRow",
    "Domain",
    "Event",
    "Invitation",
    "Member",
    "OutboxRow",
    "School",
    "SearchWord",
    "Secret",
    "StoredFile",
    "User",
]
