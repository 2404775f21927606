/** JavaScript writes no more digits after the point. */
const MAX_FRACTION = 100;
/** From here on `toFixed` turns to exponents. */
const FIXED_BELOW = 1e21;
/** Digits enough to tell a tie from a value that is merely close to one. */
const TIE_DIGITS = 30;

/** A finite, non-negative double with so many digits after the point, halves rounded to the even digit as Python does. */
export function fixedText(value: number, digits: number): string {
  const fraction = Math.min(digits, MAX_FRACTION);
  const zeros = "0".repeat(digits - fraction);
  if (value >= FIXED_BELOW) return BigInt(value) + (digits === 0 ? "" : `.${"0".repeat(digits)}`);
  const text = value.toFixed(fraction);
  const longer = value.toFixed(Math.min(MAX_FRACTION, fraction + TIE_DIGITS));
  const point = longer.indexOf(".");
  const end = point + 1 + fraction;
  if (!/^50*$/.test(longer.slice(end))) return text + zeros;
  const below = longer.slice(0, fraction === 0 ? point : end);
  return (Number(below.at(-1)) % 2 === 0 ? below : text) + zeros;
}

/** As Python's `%e`: at least two digits of exponent. */
export function exponentText(value: number, digits: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential(Math.min(digits, MAX_FRACTION)).split("e");
  const power = Number(exponent);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** As Python's `%g`: whichever form is shorter, without trailing zeros unless they are asked for. */
export function generalText(value: number, precision: number, keepZeros: boolean): string {
  const significant = Math.min(Math.max(precision, 1), MAX_FRACTION);
  const power = Number(value.toExponential(significant - 1).split("e")[1]);
  if (power < -4 || power >= significant) {
    const [mantissa = "", exponent = ""] = exponentText(value, significant - 1).split("e");
    return `${keepZeros ? mantissa : withoutZeros(mantissa)}e${exponent}`;
  }
  const text = fixedText(value, Math.max(significant - 1 - power, 0));
  return keepZeros ? text : withoutZeros(text);
}

function withoutZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
