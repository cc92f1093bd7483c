"""The journal as people read it: a sentence for each kind of event, the name of what it was about, who and when."""

from schools.activity.entries import Entry, entries_of, events_about
from schools.activity.topics import Kind, Subject, Topic, register, sentence_of, topics

__all__ = ["Entry", "Kind", "Subject", "Topic", "entries_of", "events_about", "register", "sentence_of", "topics"]
