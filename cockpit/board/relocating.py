"""Alerts that were there before it was known which service their pod is of."""

from cockpit.board.derive import revised
from cockpit.board.draft import Draft


def relocated(draft: Draft) -> None:
    """Give alerts of pods to the services that the pods are of, where no label of theirs names one of the map."""
    pods = draft.memory.observed.placed.pods
    if not pods:
        return
    for alert in list(draft.alerts.values()):
        if not alert.mapped and (service := pods.get((alert.namespace, alert.labels.get("pod", "")))) is not None:
            draft.put(revised(alert, service=service, mapped=True))
