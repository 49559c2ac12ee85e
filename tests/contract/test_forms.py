"""Every declared operation is answered byte for byte alike on the lane and in its plain form."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.contract.forms import Forms
from tests.contract.journey import Run, go_through

EXAMPLES = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # one example is hundreds of requests: too many to shrink
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_every_declared_operation(forms: Forms) -> None:
    by_lane: set[tuple[str, str]] = set()

    @EXAMPLES
    @given(data=st.data())
    def with_drawn_values(data: st.DataObject) -> None:
        run = Run(forms, data)
        go_through(run)
        forms.assert_equal_rows()
        by_lane.update(run.by_lane)

    with_drawn_values()
    declared = forms.declared()
    assert by_lane == {(one.method, one.path) for one in declared if one.expressible}
    plain = {(one.method, one.path.split("/")[1]) for one in declared if not one.expressible}
    assert plain == {
        *(("POST", "cabinets"), ("GET", "cabinets"), ("PATCH", "cabinets")),
        *(("POST", "links"), ("PATCH", "links")),
    }
