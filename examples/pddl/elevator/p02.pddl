(define (problem four-people)
  (:domain elevator)
  (:objects
    f0 f1 f2 f3 - floor
    ann - guest
    bob - hurried
    kim - child
    lee - guest)
  (:init (lift-at f0) (= (total-cost) 0)
    (above f0 f1) (above f0 f2) (above f0 f3) (above f1 f2) (above f1 f3) (above f2 f3)
    (waits ann f0) (bound-for ann f3)
    (waits bob f2) (bound-for bob f1)
    (waits kim f1) (bound-for kim f3)
    (waits lee f3) (bound-for lee f0)
    (= (distance f0 f1) 3) (= (distance f0 f2) 4) (= (distance f0 f3) 5)
    (= (distance f1 f0) 3) (= (distance f1 f2) 3) (= (distance f1 f3) 4)
    (= (distance f2 f0) 4) (= (distance f2 f1) 3) (= (distance f2 f3) 3)
    (= (distance f3 f0) 5) (= (distance f3 f1) 4) (= (distance f3 f2) 3))
  (:goal (forall (?p - person) (and (served ?p) (not (inside ?p)))))
  (:metric minimize (total-cost)))
