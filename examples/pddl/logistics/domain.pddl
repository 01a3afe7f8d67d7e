; Trucks within cities, planes between them; a flight costs more than a drive.
(define (domain logistics)
  (:requirements :strips :typing :equality :negative-preconditions :action-costs)
  (:types place city vehicle parcel - object airport - place truck plane - vehicle)
  (:predicates
    (parked ?v - vehicle ?p - place)
    (lies ?x - parcel ?p - place)
    (aboard ?x - parcel ?v - vehicle)
    (part-of ?p - place ?c - city))
  (:functions (total-cost) - number)
  (:action load
    :parameters (?x - parcel ?v - vehicle ?p - place)
    :precondition (and (parked ?v ?p) (lies ?x ?p))
    :effect (and (aboard ?x ?v) (not (lies ?x ?p)) (increase (total-cost) 1)))
  (:action unload
    :parameters (?x - parcel ?v - vehicle ?p - place)
    :precondition (and (parked ?v ?p) (aboard ?x ?v))
    :effect (and (lies ?x ?p) (not (aboard ?x ?v)) (increase (total-cost) 1)))
  (:action drive
    :parameters (?t - truck ?from ?to - place ?c - city)
    :precondition (and (parked ?t ?from) (part-of ?from ?c) (part-of ?to ?c) (not (= ?from ?to)))
    :effect (and (parked ?t ?to) (not (parked ?t ?from)) (increase (total-cost) 2)))
  (:action fly
    :parameters (?a - plane ?from ?to - airport)
    :precondition (and (parked ?a ?from) (not (= ?from ?to)))
    :effect (and (parked ?a ?to) (not (parked ?a ?from)) (increase (total-cost) 10))))
