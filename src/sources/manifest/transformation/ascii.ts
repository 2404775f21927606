/** Letters that are no ASCII letter with a mark, and how they are written with ASCII letters. */
const LATIN = "æ=ae œ=oe ø=o ß=ss þ=th ð=d đ=d ħ=h ı=i ĸ=q ł=l ŋ=ng ŧ=t ə=e ƒ=f";
const GREEK = "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r ς=s σ=s τ=t υ=y φ=f χ=ch ψ=ps ω=o";
const CYRILLIC =
  "а=a б=b в=v г=g д=d е=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch " +
  "ъ= ы=y ь= э=e ю=yu я=ya ґ=g є=ie і=i ј=j љ=lj њ=nj ћ=c ђ=dj џ=dzh ѕ=dz";
const SYMBOLS = "¢=c £=GBP ¥=Y €=EUR §=S ©=C ®=R °=deg µ=u ¶=P";

const ASCII: ReadonlyMap<string, string> = new Map(
  [LATIN, GREEK, CYRILLIC, SYMBOLS].flatMap((table) =>
    table.split(" ").flatMap((entry): [string, string][] => {
      const [letter = "", plain = ""] = entry.split("=");
      const upper = letter.toUpperCase();
      return [
        ...(upper.length === 1
          ? [[upper, plain.charAt(0).toUpperCase() + plain.slice(1)] satisfies [string, string]]
          : []),
        [letter, plain],
      ];
    }),
  ),
);

/**
 * A text with its letters written in ASCII where there is a common way to: Latin, Greek and Cyrillic. Others stay, so
 * that different texts stay different.
 */
export function asciiOf(text: string): string {
  return Array.from(text.normalize("NFC"), asciiLetter).join("");
}

function asciiLetter(letter: string): string {
  const plain = ASCII.get(letter);
  if (plain !== undefined) return plain;
  const decomposed = letter.normalize("NFKD").replaceAll(/\p{M}/gu, "");
  return decomposed === letter ? letter : Array.from(decomposed, (part) => ASCII.get(part) ?? part).join("");
}
