// What of Observable Plot the report draws with; the rest is left out.
export { barX, barY, cell, dot, lineY, plot, pointer, pointerX, rectY, ruleX, ruleY, tickX, tip } from "@observablehq/plot";
