"""Several Rasas: every conversation has its own, and another one only while that is away."""

from __future__ import annotations

from channels.stations import PATIENCE, TRY_AGAIN, Stations

URLS = ["http://a:5005", "http://b:5005", "http://c:5005"]
CONVERSATIONS = [f"{number:032x}" for number in range(900)]


class Time:
    at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_conversation_stays_with_its_rasa_and_they_share_the_work() -> None:
    stations = Stations(URLS, shared=True)
    first = {one: stations.of(one) for one in CONVERSATIONS}
    assert first == {one: stations.of(one) for one in CONVERSATIONS}
    assert all(200 < list(first.values()).count(url) < 400 for url in URLS)


def test_one_more_rasa_takes_its_share_and_moves_nothing_else() -> None:
    three, four = Stations(URLS, shared=True), Stations([*URLS, "http://d:5005"], shared=True)
    moved = [one for one in CONVERSATIONS if three.of(one) != four.of(one)]
    assert 150 < len(moved) < 300 and {four.of(one) for one in moved} == {"http://d:5005"}


def test_the_next_one_takes_over_after_a_few_seconds_and_gives_back() -> None:
    time = Time()
    stations = Stations(URLS, shared=True, read=time)
    own = stations.of("0")
    stations.away(own)
    assert stations.of("0") == own, "it may be starting again"
    time.at += PATIENCE - 0.1
    assert stations.of("0") == own
    stations.away(own)
    time.at += 0.2
    other = stations.of("0")
    assert other != own
    time.at += TRY_AGAIN
    assert [stations.of("0") for _ in range(3)] == [own, other, other], "one turn tries it, the others do not wait for that"
    stations.answers(own)
    assert stations.of("0") == own


def test_nobody_takes_over_where_memory_is_not_shared() -> None:
    time = Time()
    stations = Stations(URLS, shared=False, read=time)
    own = stations.of("0")
    stations.away(own)
    time.at += 3600
    assert stations.of("0") == own
