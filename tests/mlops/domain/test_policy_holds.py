"""Whatever is asked, whenever, and whatever the clock does: the policy holds, and nothing that was asked is lost."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from mlops.domain import attempt as attempts
from mlops.domain.data.windows import TrainingWindows
from mlops.domain.declared.policy import Budget, OnBusy, ResetBy, Skip, TriggerPolicy
from mlops.domain.loop import Ended, Loop, Outcome, Request, Spent, TriggerState
from mlops.domain.project import Project
from mlops.domain.triggers import policy, setback
from mlops.domain.world import Window
from tests.mlops.projects import project_with

START = datetime(1975, 1, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTHING = Window(start=START, end=START)
WINDOWS = TrainingWindows(train=NOTHING, holdout=NOTHING, without=())


@dataclass
class Mill:
    """A loop with nothing but requests and attempts, and what a bystander wrote down of it."""

    project: Project
    now: datetime = START
    loop: Loop = field(
        default_factory=lambda: Loop(
            project="rain", endpoint="rain", started=START, generation=1, applied=START, author="ada"
        )
    )
    asked: list[Request] = field(default_factory=list)  # for the place that waits, since it was last empty
    owed: dict[str, Request] = field(default_factory=dict)  # the newest of each trigger that no attempt followed
    starts: list[datetime] = field(default_factory=list)
    ended: datetime | None = None

    @property
    def rules(self) -> TriggerPolicy:
        return self.project.policy

    def ask(self, trigger: str, *, manual: bool = False, break_glass: bool = False) -> None:
        name = "manual" if manual else trigger
        key = attempts.request_key(self.loop, f"{name}{len(self.asked)}", self.now)
        request = Request(
            key=key,
            trigger=name,
            why="",
            asked=self.now,
            first=self.now,
            actor="ada",
            manual=manual,
            break_glass=break_glass,
        )
        placed = policy.enqueue(self.rules, self.loop, request)
        self.loop = placed.loop
        if placed.what == "dropped":
            assert self.loop.attempt is not None
            assert not manual
        else:
            before = self.owed.get(name)
            if before is None or request.break_glass or not before.break_glass:
                self.owed[name] = request
            self.asked.append(request)
        self.settle()

    def pass_time(self, time: timedelta) -> None:
        """As clocks do; one that jumps does so at once."""
        self.now += time
        if time < timedelta():
            self.starts = [min(each, self.now) for each in self.starts]
            self.ended = min(self.ended, self.now) if self.ended else None
        self.settle()

    def end(self, outcome: Outcome) -> None:
        if self.loop.attempt is not None:
            self.loop = attempts.ended(self.project, self.loop, outcome, "", self.now).loop
            self.ended = self.starts[-1] if outcome is Outcome.SUPERSEDED else self.now
        self.settle()

    def settle(self) -> None:
        if setback.ahead(self.project, self.loop, self.now) > timedelta():
            self.loop = setback.settled(self.project, self.loop, self.now)
        request = self.loop.pending
        if request is not None and policy.hold(self.project, self.loop, request, self.now) is None:
            self.start(request)

    def start(self, request: Request) -> None:
        self._check(request)
        self.loop = replace(self.loop, breaker_until=None) if request.manual else self.loop
        self.loop = attempts.start(self.project, self.loop, request, WINDOWS, self.now).loop
        self.starts.append(self.now)
        if self.rules.on_busy is OnBusy.QUEUE:
            self.owed.pop(request.trigger)
        else:
            self.owed.clear()
        self.asked.clear()

    def _check(self, request: Request) -> None:
        """What a bystander says of the policy, who knows when attempts began and ended, and what was asked."""
        assert self.loop.attempt is None, "two attempts at once"
        limits = self.rules.budget
        if limits is not None and limits.runs is not None and not request.break_glass:
            recent = [each for each in self.starts if each > self.now - limits.per]
            assert len(recent) < limits.runs, "a run past the budget"
        if self.ended is not None and not (request.manual and Skip.COOLDOWN in self.rules.manual_skips):
            assert self.now >= self.ended + self.rules.cooldown, "a run in the cool-down"
        if self.rules.on_busy is not OnBusy.QUEUE:
            best = max(enumerate(self.asked), key=lambda each: (each[1].break_glass, each[1].manual, each[0]))[1]
            assert request.key == best.key, "not the newest"
        else:
            assert request.key == self.owed[request.trigger].key, "not the newest of its trigger"


durations = st.integers(0, 20).map(lambda days: days * DAY)
budgets = st.none() | st.builds(Budget, per=st.integers(1, 40).map(lambda days: days * DAY), runs=st.integers(1, 4))
policies = st.builds(
    TriggerPolicy,
    debounce=st.integers(0, 48).map(lambda hours: hours * HOUR),
    max_wait=st.none() | durations,
    cooldown=durations,
    on_busy=st.sampled_from(OnBusy),
    budget=budgets,
    breaker_failures=st.integers(1, 3),
    breaker_hold=st.integers(1, 30).map(lambda days: days * DAY),
    breaker_reset_by=st.sampled_from([(ResetBy.MANUAL,), (), tuple(ResetBy)]),
    manual_skips=st.sampled_from([(), (Skip.COOLDOWN,), tuple(Skip)]),
)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from(["drift", "decay", "weekly"])),
        st.tuples(st.just("person"), st.booleans()),
        st.tuples(st.just("end"), st.sampled_from(Outcome)),
        st.tuples(st.just("time"), st.integers(1, 200).map(lambda hours: hours * HOUR)),
        st.tuples(st.just("jump"), st.sampled_from([-365 * DAY, -50 * HOUR, -HOUR, 28 * HOUR, 365 * DAY])),
    ),
    max_size=60,
)


def play(mill: Mill, what: str, how: object) -> None:
    match what, how:
        case "ask", str(trigger):
            mill.ask(trigger)
        case "person", bool(glass):
            mill.ask("", manual=True, break_glass=glass and mill.rules.budget is not None)
        case "end", Outcome() as outcome:
            mill.end(outcome)
        case _, timedelta() as time:
            mill.pass_time(time)


@given(policies, actions)
def test_the_policy_holds_and_what_was_asked_is_answered_by_an_attempt(
    rules: TriggerPolicy, story: list[tuple[str, object]]
) -> None:
    mill = Mill(project_with(policy=rules))
    for what, how in story:
        play(mill, what, how)
    patience = rules.breaker_hold + rules.cooldown + (rules.budget.per if rules.budget else timedelta())
    patience += max(rules.debounce * 8, rules.max_wait or timedelta()) + DAY
    for _ in range(len(mill.owed) + 1):
        mill.end(Outcome.REJECTED)
        mill.pass_time(patience)
    event(f"{len(mill.starts)} attempts")

    assert mill.owed == {}
    assert (mill.loop.pending, mill.loop.queue) == (None, ())


@settings(max_examples=40)
@given(policies, st.integers(1, 6), st.sampled_from(Outcome))
def test_a_loop_that_feeds_itself_stays_within_its_budget(rules: TriggerPolicy, hours: int, outcome: Outcome) -> None:
    """Each attempt makes what asks for the next; three months of it."""
    mill = Mill(project_with(policy=rules))
    while mill.now < START + 90 * DAY:
        mill.ask("drift")
        mill.pass_time(hours * 4 * HOUR)
        mill.end(outcome)
    passed, limits = mill.now - START, rules.budget
    if limits is not None and limits.runs is not None:
        assert len(mill.starts) <= limits.runs * (passed // limits.per + 1)
    if rules.cooldown:
        assert len(mill.starts) <= passed // rules.cooldown + 1


def test_after_the_clock_went_back_everything_waits_from_now_on_at_the_latest() -> None:
    later, now = START + 400 * DAY, START + 10 * DAY
    project = project_with(policy=TriggerPolicy(breaker_hold=3 * DAY))
    request = Request(key="k", trigger="drift", why="", asked=later, first=START)
    loop = Loop(
        project="rain",
        endpoint="rain",
        started=START,
        generation=1,
        applied=START,
        author="ada",
        breaker_until=later + 3 * DAY,
        ledger=(Spent(attempt=1, at=START), Spent(attempt=2, at=later, cost=3.0)),
        last=Ended(number=2, outcome=Outcome.FAILED, started=START, ended=later, used=START),
        pending=request,
        queue=(replace(request, trigger="decay"),),
        triggers={"drift": TriggerState(true=True, fired=later, since=later), "new": TriggerState()},
        labelled_at=later,
        assets_at=later,
    )

    assert setback.ahead(project, loop, now) == 390 * DAY
    assert loop.last is not None
    assert setback.settled(project, loop, now) == replace(
        loop,
        breaker_until=now + 3 * DAY,
        ledger=(Spent(attempt=1, at=START), Spent(attempt=2, at=now, cost=3.0)),
        last=replace(loop.last, ended=now),
        pending=replace(request, asked=now),
        queue=(replace(request, trigger="decay", asked=now),),
        triggers={"drift": TriggerState(true=True, fired=now, since=now), "new": TriggerState()},
        labelled_at=now,
        assets_at=now,
    )
    assert setback.ahead(project, setback.settled(project, loop, now), now) == timedelta()
