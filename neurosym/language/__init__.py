"""Words: missions to goals, plan steps to instructions."""

from neurosym.language.budget import BudgetedChat
from neurosym.language.cache import CachedChat
from neurosym.language.chat import ChatModel, ChatReply, ChatRequest, Message, Usage
from neurosym.language.choice import TranslatorChoice
from neurosym.language.controls import ScrambledTranslator, SilentTranslator, WrongTranslator
from neurosym.language.instruction import Instruction
from neurosym.language.model_translator import ModelTranslator
from neurosym.language.rules import Rules
from neurosym.language.scripted import ScriptedChat
from neurosym.language.settings import LanguageModelSettings
from neurosym.language.tokens import Tokenizer, instruction_words
from neurosym.language.translator import RuleTranslator, Translator
from neurosym.language.vocabulary import Vocabulary

__all__ = [
    "BudgetedChat",
    "CachedChat",
    "ChatModel",
    "ChatReply",
    "ChatRequest",
    "Instruction",
    "LanguageModelSettings",
    "Message",
    "ModelTranslator",
    "RuleTranslator",
    "Rules",
    "ScrambledTranslator",
    "ScriptedChat",
    "SilentTranslator",
    "Tokenizer",
    "Translator",
    "TranslatorChoice",
    "Usage",
    "Vocabulary",
    "WrongTranslator",
    "instruction_words",
]
