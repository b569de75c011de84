"""IMS QTI 2.1: a content package with a file for each item, and a manifest.

https://www.imsglobal.org/question/qtiv2p1/imsqti_implv2p1.html: the item with one choice and modal
feedback for each.
"""

import html
import io
import re
import zipfile
from collections.abc import Sequence

from lessons.exchange.common import Loss, Question, common_losses
from lessons.exchange.texts import to_html
from lessons.questions import TRUE_FALSE

_LETTERS = "ABCDE"
_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every entry, so that the same questions make the same file."""
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PROCESSING = """<responseProcessing>
<responseCondition>
<responseIf><match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>
<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue>
</responseIf>
<responseElse>
<setOutcomeValue identifier="SCORE"><baseValue baseType="float">0</baseValue></setOutcomeValue>
</responseElse>
</responseCondition>
<setOutcomeValue identifier="FEEDBACK"><variable identifier="RESPONSE"/></setOutcomeValue>
</responseProcessing>"""


def write_qti(questions: Sequence[Question]) -> tuple[bytes, list[Loss]]:
    """The package, and what it does not hold."""
    files: dict[str, bytes] = {}
    resources = []
    losses = common_losses(questions)
    for question in questions:
        item, picture = question.item, question.picture
        held = [f"{item.id}.xml"]
        image = ""
        if picture is not None:
            image = f"images/{item.id}{picture.suffix}"
            files[image] = picture.content
            held.append(image)
        files[held[0]] = _NOT_IN_XML.sub("\ufffd", _item(question, image)).encode()
        listed = "".join(f'<file href="{file}"/>' for file in held)
        resources.append(
            f'<resource identifier="RES-{item.id}" type="imsqti_item_xmlv2p1" href="{held[0]}">'
            f"{listed}</resource>"
        )
        why = "the package holds no metadata but the id"
        losses.append(Loss(item.id, "outcome, level, difficulty, source and tags", why))
    manifest = (
        f'{_HEAD}<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" identifier="insonate">\n'
        "<metadata><schema>QTIv2.1 Package</schema>"
        "<schemaversion>1.0.0</schemaversion></metadata>\n"
        f"<organizations/>\n<resources>\n{chr(10).join(resources)}\n</resources>\n</manifest>\n"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [("imsmanifest.xml", manifest.encode()), *files.items()]:
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue(), losses


def _item(question: Question, image: str) -> str:
    item, picture = question.item, question.picture
    options = list(zip(_LETTERS, item.options, strict=False))
    shuffle = "false" if item.in_order or item.kind == TRUE_FALSE else "true"
    shown = ""
    if picture is not None:
        shown = f'<p><img src="{image}" alt="{html.escape(picture.alt)}"/></p>\n'
    choices = "\n".join(
        f'<simpleChoice identifier="{letter}">{to_html(option.text, block=False)}</simpleChoice>'
        for letter, option in options
    )
    feedback = "\n".join(
        f'<modalFeedback outcomeIdentifier="FEEDBACK" identifier="{letter}" showHide="show">'
        f"{to_html(option.explanation)}</modalFeedback>"
        for letter, option in options
    )
    return f"""{_HEAD}<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.imsglobal.org/xsd/imsqti_v2p1 \
http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd"
 identifier="{item.id}" title="{item.id}" adaptive="false" timeDependent="false" xml:lang="en">
<responseDeclaration identifier="RESPONSE" cardinality="single" baseType="identifier">
<correctResponse><value>{_LETTERS[item.key]}</value></correctResponse>
</responseDeclaration>
<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>
<outcomeDeclaration identifier="FEEDBACK" cardinality="single" baseType="identifier"/>
<itemBody>
{to_html(item.stem)}
{shown}<choiceInteraction responseIdentifier="RESPONSE" shuffle="{shuffle}" maxChoices="1">
{choices}
</choiceInteraction>
</itemBody>
{_PROCESSING}
{feedback}
</assessmentItem>
"""
