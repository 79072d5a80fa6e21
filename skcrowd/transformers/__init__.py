"""Networks that read texts and tokens by a pretrained encoder.

They need the library ``transformers`` (``pip install skcrowd[transformers]``), which is
imported when one of them is built.
"""

from skcrowd.transformers._subwords import SubwordVocabulary
from skcrowd.transformers._text_module import TextClassifierModule
from skcrowd.transformers._token_module import TokenClassifierModule

__all__ = [
    "SubwordVocabulary",
    "TextClassifierModule",
    "TokenClassifierModule",
]
