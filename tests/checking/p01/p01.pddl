; A box on the near side of a shut gate, which may hold the coin; the bell is beyond the gate.
(define (problem p01)
  (:domain alley)
  (:objects
    z0 z1 - zone
    box - box
    coin - coin
    bell - bell
    gate - gate)
  (:init
    (in z0)
    (lies box z0)
    (may-hold box coin)
    (lies bell z1)
    (links gate z0 z1)
    (links gate z1 z0)
    (= (reach box) 1)
    (= (reach coin) 1)
    (= (reach bell) 4)
    (= (reach gate) 2))
  (:goal (and (held coin) (rung bell)))
  (:metric minimize (total-cost)))
