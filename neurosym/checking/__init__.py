"""A domain's folder checked as a whole: PDDL, words, bindings, and whether the world does what the model says."""

from neurosym.checking.check import EPISODES, Report, check_folder
from neurosym.checking.codes import CODES, Code, Severity
from neurosym.checking.finding import Finding

__all__ = ["CODES", "EPISODES", "Code", "Finding", "Report", "Severity", "check_folder"]
