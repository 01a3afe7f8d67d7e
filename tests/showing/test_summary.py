from __future__ import annotations

import json

from neurosym.domain import Domain
from neurosym.showing.summary import Summary, summarise


def test_an_operator(alley: Summary) -> None:
    row = alley.operators[0]
    assert row.head == "open-box ?b - box ?c - coin ?z - zone"
    assert row.needs == ("(in ?z)", "(lies ?b ?z)", "(may-hold ?b ?c)")
    assert row.adds == ("(lies ?c ?z)",)
    assert row.deletes == ("(lies ?b ?z)", "(may-hold ?b ?c)")
    assert row.cost == "(reach ?b)"
    assert row.said == "open {box} to look for {coin}"


def test_parameters_of_one_type_are_written_together(alley: Summary) -> None:
    assert alley.operators[3].head == "open-gate ?g - gate ?from ?to - zone"


def test_a_predicate(alley: Summary) -> None:
    rows = {row.name: row for row in alley.predicates}
    assert rows["lies"].head == "lies ?t - thing ?z - zone"
    assert rows["lies"].readers == ("open-box", "take", "ring")
    assert rows["lies"].adders == ("open-box",)
    assert rows["lies"].deleters == ("open-box", "take")
    kinds = {name: rows[name].kind for name in ("lies", "links", "held")}
    assert kinds == {"lies": "fluent", "links": "static", "held": "final"}


def test_the_census(alley: Summary) -> None:
    assert alley.census == "5 operators, 7 predicates, 6 types"


def test_every_domain_can_be_written_down(domain: Domain) -> None:
    record = json.loads(json.dumps(summarise(domain).record()))
    assert [row["name"] for row in record["operators"]] == [action.name for action in domain.model.actions]
    assert all(row["said"] for row in record["operators"])
    assert {row["kind"] for row in record["predicates"]} <= {"fluent", "static", "final"}
    names = {row["name"] for row in record["predicates"]}
    assert {arc["from"] for arc in record["causal_graph"]} <= names
