"""The mails of an offer, one form for each occasion."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from offers.mails import PLACES
from offers.models import Offer, OfferMail
from offers.placeholders import NAMES, unknown_names
from offers.services import MailTerms


class MailForm(forms.Form):
    """Standard, own text, or none; the text is plain, with words in double braces."""

    mode = forms.ChoiceField(label=_("Mail"), choices=OfferMail.Mode.choices, widget=forms.RadioSelect)
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    body = forms.CharField(
        label=_("Text"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 10})
    )

    def __init__(self, data: Any = None, *, occasion: str, **more: Any) -> None:
        self.occasion = OfferMail.Occasion(occasion)
        super().__init__(data, prefix=occasion, **more)
        is_own = data is None or data.get(f"{occasion}-mode") == OfferMail.Mode.OWN
        self.fields["subject"].required = self.fields["body"].required = is_own

    @property
    def words(self) -> list[tuple[str, str | Promise]]:
        """The words that this mail knows, as they are written, each with what it stands for."""
        return [(f"{{{{ {name} }}}}", label) for name, label in NAMES.items() if name in PLACES[self.occasion]]

    @property
    def warnings(self) -> list[str]:
        """Words in the text that this mail does not know."""
        text = f"{self.cleaned_data.get('subject', '')}\n{self.cleaned_data.get('body', '')}"
        sentence = _("This mail does not know “%(name)s”: nothing will stand there.")
        return [sentence % {"name": name} for name in unknown_names(text, PLACES[self.occasion])]

    def mail(self) -> MailTerms:
        """What a valid form says, for the service."""
        data = self.cleaned_data
        return MailTerms(occasion=self.occasion.value, mode=data["mode"], subject=data["subject"], body=data["body"])


def mail_forms(offer: Offer, data: Any = None) -> list[MailForm]:
    """A form for each occasion, filled with what the offer says."""
    known = {row.occasion: row for row in offer.mails.all()}
    shown = {occasion: {"mode": row.mode, "subject": row.subject, "body": row.body} for occasion, row in known.items()}
    standard = {"mode": OfferMail.Mode.STANDARD}
    return [
        MailForm(data, occasion=occasion, initial=shown.get(occasion, standard))
        for occasion in OfferMail.Occasion.values
    ]
