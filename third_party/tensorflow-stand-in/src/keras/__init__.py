"""The few names that Rasa reads from keras while it is imported."""

import sys
from types import ModuleType

from tensorflow import Placeholder, _unavailable

Model = type("Model", (Placeholder,), {})
for _name, _names in {
    "keras.utils": {},
    "keras.utils.tf_utils": {},
    "keras.utils.control_flow_util": {"smart_cond": _unavailable},
}.items():
    _made = ModuleType(_name)
    vars(_made).update(_names)
    sys.modules[_name] = _made
sys.modules["keras.utils"].tf_utils = sys.modules["keras.utils.tf_utils"]  # type: ignore[attr-defined]
sys.modules["keras.utils"].control_flow_util = sys.modules["keras.utils.control_flow_util"]  # type: ignore[attr-defined]
