"""The words of a review: scopes, kinds of questions, advice, decisions, events and seals."""

from enum import StrEnum


class ReviewScope(StrEnum):
    """Whose access a campaign is about."""

    ALL = "all"
    """Every account of the VMAs, of nobody, of services and vendors, and every privileged one."""
    PRIVILEGED = "privileged"
    EVENT = "event"
    """Only what a headcount event touched."""


class QuestionKind(StrEnum):
    """What is asked, the gravest first: an item that several could ask about is asked about by the first."""

    LEFT = "left"
    """Somebody left, and accounts still work."""
    NOT_STARTED = "not-started"
    FORBIDDEN = "forbidden"
    SEPARATION = "separation"
    """Two duties that no one person may hold together."""
    NOBODY = "nobody"
    """An account of nobody."""
    DOOR = "door"
    """A way in for somebody outside the roster."""
    PRIVILEGED = "privileged"
    EXCESS = "excess"
    UNCLASSIFIED = "unclassified"
    """No catalog knows what it lets a person do."""
    SHARED = "shared"
    UNSPLIT = "unsplit"
    """More than the role needs, that the product cannot give apart."""
    DORMANT = "dormant"
    SERVICE = "service"
    """An account of a service or a vendor: is it still needed, and who answers for it?"""
    FINDING = "finding"
    """Another finding about access that somebody must answer."""
    EXPLAINED = "explained"
    """Everything that the role explains, confirmed at once."""


class Advice(StrEnum):
    """What the tool advises; it never decides, and never stands selected."""

    KEEP = "keep"
    REMOVE = "remove"
    CHANGE = "change"
    EXCEPTION = "exception"
    ASK = "ask"
    """Ask whoever knows: nothing that was read speaks for keeping it."""


class DecisionKind(StrEnum):
    """What a reviewer decided."""

    KEEP = "keep"
    REMOVE = "remove"
    CHANGE = "change"
    EXCEPTION = "exception"
    UNDONE = "undone"
    """An earlier decision was taken back before the reviewer signed."""


class HeldThen(StrEnum):
    """Whether an item was held at some moment."""

    HELD = "held"
    NOT_HELD = "not held"
    NOT_KNOWN = "not known"
    """The system was not read whole then, or no audit is as old."""


class ReviewEventKind(StrEnum):
    """What happened in a campaign beside decisions."""

    DELEGATED = "delegated"
    ESCALATED = "escalated"
    REMINDED = "reminded"
    ADDED = "added"
    """A question came after the opening, with the reason."""
    CLOSED = "closed"
    """A question closed by proof: the systems show that nothing of it is left."""
    CHECK_DISCLOSED = "check-disclosed"
    NOTED = "noted"


class SealKind(StrEnum):
    """What a seal was made for."""

    OPENED = "opened"
    SIGNED = "signed"
    """A reviewer signed the own decisions."""
    CLOSED = "closed"
    AMENDED = "amended"
    """Something was decided anew after the signature or the close; the earlier decision stays."""
