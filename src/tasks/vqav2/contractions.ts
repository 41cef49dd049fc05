/** Contractions that the official table puts the apostrophes back into. */
const CONTRACTIONS = `
	ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't he'd he'd've
	he's how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've mustn't must've needn't not've
	o'clock oughtn't 'ow's'at shan't she'd've should've shouldn't shouldn't've somebody'd've somebody'll somebody's
	someone'd someone'd've someone'll someone's something'd something'd've something'll that's there'd there'd've
	there're there's they'd they'd've they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's
	what've when's where'd where's where've who'd who'd've who'll who's who've why'll why're why's won't would've
	wouldn't wouldn't've y'all y'all'll y'all'd've you'd you'd've you'll you're you've
`;

/** Every spelling with exactly one apostrophe missing: `couldn't've` from `couldnt've` and `couldn'tve`, not `couldntve`. */
function spellings(contraction: string): string[] {
	return [...contraction].flatMap((letter, i) =>
		letter === "'" ? [contraction.slice(0, i) + contraction.slice(i + 1)] : [],
	);
}

/**
 * The contraction table of the official scorer: a word as it is written → as it is compared. One entry goes the wrong
 * way: `somebody'd` loses its apostrophe. Four of its keys have a capital (`Im`, `Ive`, `Id've`, `I'dve`) and can never
 * match, as words are put in lower case first; they are left out here, as are two that change nothing.
 */
export const contractions: ReadonlyMap<string, string> = new Map([
	...CONTRACTIONS.trim()
		.split(/\s+/)
		.flatMap((contraction) => spellings(contraction).map((written): [string, string] => [written, contraction])),
	["somebody'd", 'somebodyd'],
]);
