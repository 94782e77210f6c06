// Attackers are in every view and honest nodes in some thirty: only bins that grow with what they hold show both.

/** Bins of a decade: at the usual thirty links, three in-degrees a bin. */
const PER_DECADE = 20

/** More than the rounding of a logarithm, and less than between any two whole numbers here. */
const ROUNDING = 1e-9

/** Bin 0 is for in-degree 0; bin i for those from 10^((i - 1) / 20) to below 10^(i / 20). */
export function binOf(degree: number): number {
  return degree === 0 ? 0 : Math.floor(PER_DECADE * Math.log10(degree) + ROUNDING) + 1
}

/** Whether no whole number belongs in a bin: those of small in-degrees are narrow. */
export function isEmptyBin(bin: number): boolean {
  return leastIn(bin) === leastIn(bin + 1)
}

/** The least in-degree in a bin, or in the next one that has any. */
function leastIn(bin: number): number {
  return bin === 0 ? 0 : Math.ceil(10 ** ((bin - 1) / PER_DECADE) - ROUNDING)
}

/** Where on a logarithmic axis what a bin holds is drawn, unless it is empty. In-degree 0 has no place there, and gets that of a half. */
export function middleOf(bin: number): number {
  return bin === 0 ? 0.5 : Math.sqrt(leastIn(bin) * (leastIn(bin + 1) - 1))
}
