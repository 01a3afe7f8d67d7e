"""Words: missions to goals, plan steps to instructions."""

from neurosym.language.chat import ChatModel, ChatReply, ChatRequest, Message, Usage
from neurosym.language.controls import ScrambledTranslator, SilentTranslator, WrongTranslator
from neurosym.language.instruction import Instruction
from neurosym.language.rules import Rules
from neurosym.language.tokens import Tokenizer, instruction_words
from neurosym.language.translator import RuleTranslator, Translator
from neurosym.language.vocabulary import Vocabulary

__all__ = [
    "ChatModel",
    "ChatReply",
    "ChatRequest",
    "Instruction",
    "Message",
    "RuleTranslator",
    "Rules",
    "ScrambledTranslator",
    "SilentTranslator",
    "Tokenizer",
    "Translator",
    "Usage",
    "Vocabulary",
    "WrongTranslator",
    "instruction_words",
]
