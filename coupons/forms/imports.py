"""The file of an import."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from coupons.importing import LIMITS, read_file
from kwiga.csv import FileRefused, read_upload


class ImportForm(forms.Form):
    """A CSV file; its lines once it is valid."""

    file = forms.FileField(
        label=_("CSV file"),
        max_length=120,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("At most 20,000 lines. The first line names the columns; “code” and “size” are needed."),
    )
    lines: list[dict[str, str]]

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        try:
            self.lines = read_file(read_upload(upload, LIMITS))
        except FileRefused as error:
            raise forms.ValidationError(str(error)) from error
        return upload
