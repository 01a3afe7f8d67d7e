(define (problem two-people)
  (:domain elevator)
  (:objects
    f0 f1 f2 - floor
    ann - guest
    kim - child)
  (:init (lift-at f0) (= (total-cost) 0)
    (above f0 f1) (above f0 f2) (above f1 f2)
    (waits ann f1) (bound-for ann f2)
    (waits kim f1) (bound-for kim f0)
    (= (distance f0 f1) 3) (= (distance f0 f2) 4)
    (= (distance f1 f0) 3) (= (distance f1 f2) 3)
    (= (distance f2 f0) 4) (= (distance f2 f1) 3))
  (:goal (forall (?p - person) (and (served ?p) (not (inside ?p)))))
  (:metric minimize (total-cost)))
