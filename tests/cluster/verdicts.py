"""What the logs of clients prove. Each answer has the times when its call was sent and when it was there; what the node did lies
between them. So a verdict here is certain: nothing is held against a node that clocks or waiting could explain."""

import bisect

WINDOW_S = 60.0


def admitted(answers):
    return [answer for answer in answers if answer.status == 200]


def most_in_a_window(answers, span=WINDOW_S):
    """The most calls that were certainly admitted within one span of that length: sent after it began, answered before its end."""
    sent = sorted(answer.sent for answer in admitted(answers))
    done = sorted(answer.done for answer in admitted(answers))
    most = 0
    for begin in sent:
        # Who was sent before has its answer before the end, for no call takes a span's length.
        most = max(most, bisect.bisect_left(done, begin + span) - bisect.bisect_left(sent, begin))
    return most


def remaining_above(answers, limit):
    """By how many calls an X-RateLimit-Remaining was above the truth, at worst. 0: none was. Counted as used are only calls that
    were certainly admitted before and are certainly within its window."""
    sent = sorted(answer.sent for answer in admitted(answers))
    done = sorted(answer.done for answer in admitted(answers))
    worst = 0
    for answer in answers:
        if answer.remaining is not None:
            used = bisect.bisect_left(done, answer.sent) - bisect.bisect_left(sent, answer.done - WINDOW_S)
            worst = max(worst, answer.remaining + used + (answer.status == 200) - limit)
    return worst


def admitted_between(answers, begin, end):
    """The most that can have been."""
    return sum(1 for answer in admitted(answers) if answer.done >= begin and answer.sent <= end)


def accepted_after(answers, moment):
    """By how many seconds the last good answer was to a call sent after that moment; 0 without one."""
    return max((answer.sent - moment for answer in admitted(answers) if answer.sent > moment), default=0.0)


def refused_from(answers, moment):
    """Seconds from that moment until the first call was answered from which on none was good. None: some good one was last, or
    there were none."""
    after = sorted(answer for answer in answers if answer.sent >= moment)
    last_good = max((index for index, answer in enumerate(after) if answer.status == 200), default=-1)
    return after[last_good + 1].done - moment if last_good + 1 < len(after) else None


def silent_for(answers, begin, end):
    """The longest time within [begin, end] in which no good answer came, in seconds."""
    moments = [begin, *sorted(answer.done for answer in admitted(answers) if begin <= answer.done <= end), end]
    return max(b - a for a, b in zip(moments, moments[1:]))


def due(revoked, ways, within, heal, at_most):
    """When a node has to know of what was revoked at that moment. `ways`: spans of time, (from, until), in which it had one to
    the store or to a peer that has; a way that came back counts `heal` seconds later. At the latest after `at_most` seconds, when
    a node without a way has to have stopped."""
    moments = [revoked + at_most]
    for index, (begin, end) in enumerate(ways):
        known = max(revoked, begin + (heal if index else 0)) + within
        if known <= end:
            moments.append(known)
    return min(moments)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
