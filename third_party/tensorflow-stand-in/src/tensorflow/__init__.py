"""The names of TensorFlow that Rasa reads while it is imported, and nothing behind them.

Rasa 3.6 imports TensorFlow at start even when no component of the pipeline uses it. Class bases, annotations and
decorators find a name here; anything that would compute raises ImportError with what to do instead.
"""

import sys
from types import ModuleType
from typing import Any

__version__ = "0.0.0"
ADVICE = (
    "TensorFlow is not installed here (a stand-in lets Rasa start without it), so this component cannot be used. "
    "Name a component without TensorFlow in config.yml (see docs/decisions/0001-light-rasa.md) or install tensorflow==2.12."
)


class _Missing(type):
    """Metaclass of the stand-ins: they can be named and subclassed, never made."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        raise ImportError(ADVICE)


class Placeholder(metaclass=_Missing):
    """Stands for any class of TensorFlow."""


def _unavailable(*args: Any, **kwargs: Any) -> Any:
    raise ImportError(ADVICE)


def _module(name: str, **names: Any) -> ModuleType:
    module = sys.modules.get(name) or ModuleType(name)
    # Libraries probe every loaded module's attributes: a missing one must be an AttributeError, as it is by default.
    vars(module).update(names)
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
    return module


Tensor = type("Tensor", (Placeholder,), {})
SparseTensor = type("SparseTensor", (Placeholder,), {})
RaggedTensor = type("RaggedTensor", (Placeholder,), {})
TensorShape = type("TensorShape", (Placeholder,), {})
TensorSpec = type("TensorSpec", (Placeholder,), {})
Variable = type("Variable", (Placeholder,), {})
function = _unavailable

_Layer = type("Layer", (Placeholder,), {})
_Sequence = type("Sequence", (Placeholder,), {})
_module("tensorflow.config")
_module("tensorflow.types")
_module("tensorflow.types.experimental", TensorLike=Tensor)
_module("tensorflow.python")
_module("tensorflow.python.eager")
_module("tensorflow.python.eager.wrap_function", WrappedFunction=type("WrappedFunction", (Placeholder,), {}))
_module("tensorflow.python.types")
_module("tensorflow.python.types.core", GenericFunction=type("GenericFunction", (Placeholder,), {}))
_module("tensorflow.keras", Model=type("Model", (Placeholder,), {}))
_module("tensorflow.keras.backend")
_module("tensorflow.keras.utils", Sequence=_Sequence)
_module("tensorflow.keras.callbacks", Callback=type("Callback", (Placeholder,), {}))
_module("tensorflow.keras.metrics", Metric=type("Metric", (Placeholder,), {}))
_module("tensorflow.keras.initializers")
_module("tensorflow.keras.optimizers")
_module(
    "tensorflow.keras.layers",
    Layer=_Layer,
    **{name: type(name, (_Layer,), {}) for name in ("Dense", "Dropout", "AbstractRNNCell", "Embedding", "LayerNormalization")},
)
