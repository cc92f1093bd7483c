from offers.forms.mails import MailForm, mail_forms
from offers.forms.offer import OfferForm, initial_of, initial_of_new
from offers.forms.questions import QuestionForm

__all__ = ["MailForm", "OfferForm", "QuestionForm", "initial_of", "initial_of_new", "mail_forms"]
