"""The fields that an organisation has from the start."""

from __future__ import annotations

from typing import Any

_KINDS = {
    "integer": "System.Id System.Rev System.Parent System.CommentCount System.AreaId System.IterationId"
    " Microsoft.VSTS.Common.Priority Microsoft.VSTS.Common.BusinessValue",
    "string": "System.TeamProject System.WorkItemType System.State System.Reason System.Title System.BoardColumn"
    " System.BoardLane System.NodeName Microsoft.VSTS.Common.Severity Microsoft.VSTS.Common.ValueArea"
    " Microsoft.VSTS.Common.Activity Microsoft.VSTS.TCM.AutomationStatus",
    "plainText": "System.Tags",
    "treePath": "System.AreaPath System.IterationPath",
    "dateTime": "System.CreatedDate System.ChangedDate System.RevisedDate System.AuthorizedDate"
    " Microsoft.VSTS.Common.StateChangeDate Microsoft.VSTS.Common.ActivatedDate Microsoft.VSTS.Common.ResolvedDate"
    " Microsoft.VSTS.Common.ClosedDate Microsoft.VSTS.Scheduling.StartDate Microsoft.VSTS.Scheduling.TargetDate"
    " Microsoft.VSTS.Scheduling.FinishDate Microsoft.VSTS.Scheduling.DueDate",
    "identity": "System.AssignedTo System.CreatedBy System.ChangedBy Microsoft.VSTS.Common.ActivatedBy"
    " Microsoft.VSTS.Common.ResolvedBy Microsoft.VSTS.Common.ClosedBy",
    "double": "Microsoft.VSTS.Scheduling.StoryPoints Microsoft.VSTS.Scheduling.Effort Microsoft.VSTS.Scheduling.Size"
    " Microsoft.VSTS.Scheduling.RemainingWork Microsoft.VSTS.Scheduling.CompletedWork"
    " Microsoft.VSTS.Scheduling.OriginalEstimate Microsoft.VSTS.Common.StackRank Microsoft.VSTS.Common.BacklogPriority"
    " Microsoft.VSTS.Common.TimeCriticality",
    "html": "System.Description Microsoft.VSTS.Common.AcceptanceCriteria Microsoft.VSTS.TCM.ReproSteps"
    " Microsoft.VSTS.TCM.Steps Microsoft.VSTS.TCM.Parameters Microsoft.VSTS.TCM.LocalDataSource",
    "history": "System.History",
    "boolean": "System.IsDeleted System.BoardColumnDone",
}
LONG = ("html", "history")  # types whose values the reporting resources leave out unless told otherwise
_READ_ONLY = ("System.Id", "System.Rev", "System.RevisedDate", "System.CreatedDate", "System.TeamProject")


def named(reference: str, kind: str, name: str = "") -> dict[str, Any]:
    """A field as the list of fields gives it, less its address."""
    shown = name or "".join(f" {letter}" if letter.isupper() else letter for letter in reference.rpartition(".")[2])
    return {
        "name": shown.strip(),
        "referenceName": reference,
        "type": kind,
        "readOnly": reference in _READ_ONLY,
        "canSortBy": kind not in LONG,
        "isQueryable": True,
        "isIdentity": kind == "identity",
        "isPicklist": False,
        "isPicklistSuggested": False,
        "supportedOperations": [{"referenceName": "SupportedOperations.Equals", "name": "="}],
    }


FIELDS: tuple[dict[str, Any], ...] = tuple(
    named(reference, kind) for kind, references in _KINDS.items() for reference in references.split()
)
