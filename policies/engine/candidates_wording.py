"""What is open about somebody, in words: what is asked, why, and how to settle it."""

from collections.abc import Iterable

from policies.engine.candidates import Open, candidates_of, commands
from policies.engine.case import AccountKey, Case
from policies.engine.evidence import listing


def told(case: Case, questions: Iterable[Open]) -> str:
    """Say what is open, each question with how to settle it."""
    return "; ".join(f"{seems(case, question)}: {how_to_settle(question)}" for question in questions)


def seems(case: Case, question: Open) -> str:
    """Say what is not settled, and why it is asked."""
    name, title = case.people[question.person].name, case.systems[question.system].title
    if question.among:
        number, shown = len(question.among), ", ".join(f"`{case.accounts[key].login}`" for key in question.among[:3])
        return (
            f"names cannot be compared: the roster writes `{name}`, and {title} has {number} live "
            f"{'account' if number == 1 else 'accounts'} of nobody in another writing, such as {shown}"
        )
    if question.account is None:
        return f"`{question.login}` in {title} is {name}'s by the roster, and no read has ever shown it"
    return f"`{question.login}` in {title} may be {name}'s, because {question.reason}"


def how_to_settle(question: Open) -> str:
    """Say what to do, so that it is settled."""
    if question.among:
        whose = f"{question.person} {question.system}:…"
        return (
            "write the name on the roster as the system does, beside the other writing, or say whose the accounts are: "
            f"`auditor confirm {whose} --is-theirs --by …`, or `--is-not-theirs`"
        )
    if question.account is None:
        return "write it on the roster as the system does, or let the account that reads the system see everybody"
    return commands([question])


def proposed(case: Case, key: AccountKey) -> tuple[str, str]:
    """Say whose an account could be, with the reasons, and how to say so; both empty where nobody is proposed."""
    perhaps = candidates_of(case).by_account.get(key, ())
    names = listing(f"{case.people[q.person].name}'s ({q.person}), because {q.reason}" for q in perhaps)
    return (f"; it may be {names}", f"say whose it is: {commands(perhaps)}; or ") if perhaps else ("", "")


def perhaps_several(case: Case, key: AccountKey) -> str:
    """Say by whom an account may be used besides; empty where that would not make several people."""
    people, perhaps = case.owners[key].people, candidates_of(case).by_account.get(key, ())
    if len(people) + len(perhaps) < 2:
        return ""
    names = listing(case.people[p].name for p in (*people, *(q.person for q in perhaps)))
    return f"it may be used by {names}, and whether by one of them is not settled: {commands(perhaps)}"
