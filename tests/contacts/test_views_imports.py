"""The pages of an import of contacts: from the upload to the file of errors."""

import pytest

from contacts.importing import read_file
from contacts.models import Contact, ContactField, ContactImport
from contacts.services.imports import keep_import, start_import
from schools.tenancy.scope import school_scope
from tests.contacts.test_imports import upload, work


def test_from_the_upload_to_the_file_of_errors(school, owner, staff):
    client = staff(owner)
    page = upload(client, "Mail,Full name,City\na@x.test,Ann,Lviv\nbad,Bad,Kyiv\n").text
    assert "New contacts: 1" in page and "Refused: 1" in page and "“bad” is no email." in page
    with school_scope(school):
        kept = ContactImport.objects.get()
        field = ContactField.objects.create(school=school, label="Town")
        assert not Contact.objects.exists()
    address = f"/green/contacts/import/{kept.token}/"
    said = {
        "column_0": "email",
        "column_1": "name",
        "column_2": f"field:{field.token}",
        "known": "fill",
        "tags": "Fair, Fair",
    }
    page = client.post(address, said | {"do": "look"}, follow=True).text
    assert "New contacts: 1" in page
    client.post(address, said | {"do": "start"})
    client.post(address, said | {"column_1": "", "do": "start"})  # too late: nothing changes any more
    work(school)
    page = client.get(address).text
    assert "2 of 2" in page and "New: 1." in page and "Refused: 1." in page
    with school_scope(school):
        contact = Contact.objects.get()
        assert contact.name == "Ann" and contact.values.get().text == "Lviv"
        assert [row.tag.name for row in contact.contact_tags.all()] == ["Fair"]
    errors = client.get(f"{address}errors/").content.decode("utf-8-sig")
    assert '"bad","Bad","Kyiv","3","“bad” is no email."' in errors


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (("", "name"), "Say which column holds the emails."),
        (("email", "email"), "Two columns are said to be the same."),
    ],
)
def test_a_mapping_that_says_nothing_useful_is_refused(school, owner, staff, columns, sentence):
    client = staff(owner)
    upload(client, "a,b\nc,d\n")
    with school_scope(school):
        kept = ContactImport.objects.get()
    said = {"column_0": columns[0], "column_1": columns[1], "known": "fill"}
    assert sentence in client.post(f"/green/contacts/import/{kept.token}/", said).text


def test_the_progress_is_told_while_it_runs(school, owner, staff):
    lines = "\n".join(f"p{number}@x.test" for number in range(1_200))
    with school_scope(school):
        kept = keep_import(table=read_file(f"email\n{lines}\n".encode()), file_name="people.csv", actor=None)
        start_import(contact_import=kept, actor=None)
    work(school, 1)
    client, address = staff(owner), f"/green/contacts/import/{kept.token}/"
    assert "500 of 1200" in client.get(address).text.replace(",", "")
    work(school)
    assert "1200 of 1200" in client.get(address).text.replace(",", "")


@pytest.mark.parametrize("text", ["", "email\n", '"email\na@x.test\n', "email\0\na@x.test\n"])
def test_what_is_no_table_is_refused(school, owner, staff, text):
    response = upload(staff(owner), text)
    assert response.status_code == 200
    with school_scope(school):
        assert not ContactImport.objects.exists()
