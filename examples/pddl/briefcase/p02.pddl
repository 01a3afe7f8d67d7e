(define (problem to-and-fro)
  (:domain briefcase)
  (:objects office bank - place letter cheque - paper pen lamp - item)
  (:init
    (case-at office)
    (item-at letter home) (item-at cheque bank) (item-at pen office) (item-at lamp home))
  (:goal (and
    (forall (?i - paper) (and (stamped ?i) (item-at ?i home)))
    (exists (?p - place) (and (item-at pen ?p) (item-at lamp ?p)))
    (not (exists (?i - item) (in-case ?i)))
    (imply (locked) (case-at home)))))
