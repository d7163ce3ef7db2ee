"""How the matching engine refuses: one row per code with the exchange's own words (section 9 of the exchange facts)."""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll_simulator.rest.refusal import Refused

OVERLOADED = -1008

_TEXTS: Mapping[int, str] = {
    OVERLOADED: "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. "
    "Please try again.",
    -1111: "Precision is over the maximum defined for this asset.",
    -1112: "No orders on book for symbol.",
    -1122: "Invalid symbol status.",
    -2011: "Unknown order sent.",
    -2013: "Order does not exist.",
    -2019: "Margin is insufficient.",
    -2022: "ReduceOnly Order is rejected.",
    -2023: "User in liquidation mode now.",
    -2025: "Reach max open order limit.",
    -2027: "Exceeded the maximum allowable position at current leverage.",
    -2028: "Leverage is smaller than permitted: insufficient margin balance.",
    -4001: "Price less than 0.",
    -4002: "Price greater than max price.",
    -4003: "Quantity less than or equal to zero.",
    -4004: "Quantity less than min quantity.",
    -4005: "Quantity greater than max quantity.",
    -4013: "Price less than min price.",
    -4014: "Price not increased by tick size.",
    -4015: "Client order id is not valid.",
    -4016: "Limit price can't be higher than {}.",
    -4023: "Qty not increased by step size.",
    -4024: "Limit price can't be lower than {}.",
    -4028: "Leverage {} is not valid",
    -4046: "No need to change margin type.",
    -4047: "Margin type cannot be changed if there exists open orders.",
    -4048: "Margin type cannot be changed if there exists position.",
    -4049: "Add margin only support for isolated position.",
    -4050: "Cross balance insufficient.",
    -4051: "Isolated balance insufficient.",
    -4054: "Cannot add position margin: position is 0.",
    -4055: "Amount must be positive.",
    -4059: "No need to change position side.",
    -4061: "Order's position side does not match user's setting.",
    -4067: "Position side cannot be changed if there exists open orders.",
    -4068: "Position side cannot be changed if there exists position.",
    -4082: "Invalid number of batch place orders.",
    -4087: "User can only place reduce only order",
    -4088: "User can not place order currently",
    -4105: "User in risk control: symbol under risk control can only place reduce only order",
    -4106: "User in risk control: symbol under risk control can only place reduce only buy order",
    -4107: "User in risk control: symbol under risk control can only place reduce only sell order",
    -4109: "This account is inactive. Please activate the account first",
    -4116: "ClientOrderId is duplicated.",
    -4118: "ReduceOnly Order Failed. Please check your existing position and open orders",
    -4131: "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
    -4139: "This type of order can't be market",
    -4140: "Invalid symbol status for opening position.",
    -4141: "Symbol is closed.",
    -4161: "Leverage reduction is not supported in Isolated Margin Mode with open positions",
    -4164: "Order's notional must be no smaller than {} (unless you choose reduce only).",
    -4167: "Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin mode.",
    -4168: "Unable to adjust to isolated-margin mode under the Multi-Assets mode.",
    -4169: "Unable to adjust Multi-Assets Mode with insufficient margin balance in USDⓈ-M Futures",
    -4170: "Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures",
    -4171: "Adjusted asset mode is currently set and does not need to be adjusted repeatedly",
    -4172: "Unable to adjust Multi-Assets Mode with a negative wallet balance of margin available asset in "
    "USDⓈ-M Futures account.",
    -4183: "Limit price can't be higher than {} for this stop price.",
    -4184: "Limit price can't be lower than {} for this stop price.",
    -4189: "Account is restricted: only reduce-only orders are allowed.",
    -4192: "Trade forbidden due to Cooling-off Period.",
    -4202: "Leverage above {} needs a verified identity.",
    -4203: "Leverage above {} is not available to this account.",
    -4204: "Leverage above {} is not available to this account.",
    -4205: "Leverage above {} is not available to this account.",
    -4206: "Leverage above {} is not available to this account.",
    -4207: "Leverage above {} is not available to this account.",
    -4208: "Leverage above {} is not available for this symbol.",
    -4209: "Leverage above {} is not available for this symbol.",
    -4210: "Stop price can't be higher than {} for this price.",
    -4211: "Stop price can't be lower than {} for this price.",
    -4400: "Futures Trading Quantitative Rules violated, only reduceOnly order is allowed, please try again later.",
    -4401: "Futures Trading Risk Control Rules of large position holding violated, only reduceOnly order is allowed, "
    "please reduce the position.",
    -4402: "Dear user, as per our Terms of Use and compliance with local regulations, this feature is currently not "
    "available in your region.",
    -4403: "Leverage above {} is not available in your region.",
    -5021: "Due to the order could not be filled immediately, the FOK order has been rejected. "
    "The order will not be recorded in the order history",
    -5022: "Due to the order could not be executed as maker, the Post Only order will be rejected. "
    "The order will not be recorded in the order history",
    -5024: "Symbol is not in trading status. Order amendment is not permitted.",
    -5025: "Only limit order is supported.",
    -5026: "Exceed maximum modify order limit.",
    -5027: "No need to modify the order.",
    -5029: "Order's notional must be no smaller than {}",
    -5041: "No depth matches this BBO order",
    -5047: "Order modification with reduceOnly is only supported for reduce-only orders.",
}


def refused(code: int, *values: object) -> Refused:
    """The refusal of a code, its text filled with ``values``; an overload is answered 503, everything else 400."""
    return Refused(status=503 if code == OVERLOADED else 400, code=code, text=_TEXTS[code].format(*values))
