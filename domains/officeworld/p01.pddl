; The start of OfficeWorld-CoffeeAndMail-v0.
(define (problem p01)
  (:domain officeworld)
  (:init
    (at hall)
    (lies coffee east_machine)
    (lies coffee west_machine)
    (lies mail mail_room))
  (:goal (brought-both coffee mail)))
