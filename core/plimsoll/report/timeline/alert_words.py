"""What each alert says, as a clause for somebody who does not know its name."""

from __future__ import annotations

WORDS = {
    "AccountDataStale": "nothing trustworthy is known of the account",
    "AccountLeverageAboveLimit": "more is held than the account's leverage limit allows",
    "AccountLockedOut": "the account is locked: anything new is closed",
    "AlertmanagerDown": "pages may not be sent",
    "ApiKeyCanWithdraw": "a key in use may move money out",
    "AvailableMarginLow": "hardly any margin is left for further orders",
    "ClockSkew": "the machine's clock is off",
    "CloseOrderRejected": "an order that was to close a position was refused",
    "DrawdownAtStopsAboveLimit": "if every stop fills, more is lost than wanted",
    "DrawdownLimitBreached": "the loss has reached its limit",
    "DrawdownNearLimit": "the loss comes near its limit",
    "EnforcementFailed": "the emergency close has not succeeded yet",
    "EnforcementModeMismatch": "the enforcer is not armed as configured",
    "EnforcementRan": "the enforcer has run",
    "EnforcerChainBroken": "alerts do not reach the enforcer",
    "EnforcerDown": "the enforcer does not answer",
    "EnforcerJournalFailed": "the enforcer cannot write its journal",
    "ExporterDown": "the exporter does not answer",
    "ForcedClose": "the exchange itself closed something",
    "InsufficientMarginRejection": "an order was refused for lack of margin",
    "LeverageSettingAboveLimit": "the exchange's leverage setting is above the limit",
    "LiquidationNear": "the price is near to where the exchange liquidates",
    "LockoutChurn": "something keeps trading in a locked account",
    "MarginCall": "the exchange sent a margin call",
    "MarginRatioAboveLimit": "the margin ratio is above its limit",
    "MirrorDrift": "the account does not hold what its mirror asks for",
    "OrderRejectionRateHigh": "orders are refused again and again",
    "OrphanStop": "a stop has no position to close",
    "PositionUnderprotected": "a stop is smaller than its position",
    "PositionUnprotected": "a position has no stop",
    "ProtectiveOrderRejected": "the exchange rejected a stop",
    "RiskFigureMissing": "a figure that is limited is missing",
    "StateNotWritten": "the exporter cannot write its state",
    "StopBeyondLiquidation": "a stop lies beyond the liquidation price",
    "StopDataUnknown": "nobody can say what is protected",
    "StopMayOpen": "a stop may open the opposite position",
    "StopOverrun": "price has passed a stop that still works",
    "StreamFlapping": "a stream breaks off again and again",
    "SymbolLeverageAboveLimit": "one symbol is larger than its leverage limit allows",
    "UnexplainedBalanceChange": "money moved that nothing explains",
}
"""By the alert's name; others are told by their name alone."""

REHEARSED = "the enforcer has rehearsed, in dry run, and closed nothing"
"""What ``EnforcementRan`` says of a dry run."""
