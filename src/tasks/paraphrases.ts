/** Other wordings of the questions that a pattern fits; `$1`, `$2` … are its groups. */
export interface Paraphrase {
	pattern: RegExp;
	wordings: readonly string[];
}

/** Wordings of the questions of 2DS and its ventral twin that ask for the same. */
export const PARAPHRASES: readonly Paraphrase[] = [
	{
		pattern: /^What (color|shape|object) is at the (top|bottom|left|right) of the image\?$/,
		wordings: [
			'Which $1 is at the $2 of the picture?',
			'At the $2 of the image, what $1 do you see?',
			'Name the $1 at the $2 of the image.',
		],
	},
	{
		pattern: /^Is the (.+) (above|below|left of|right of) the (.+)\?$/,
		wordings: [
			'In this picture, is the $1 $2 the $3?',
			'Does the $1 lie $2 the $3?',
			'Is it true that the $1 is $2 the $3?',
		],
	},
	{
		pattern: /^Where is the (.+) relative to the (.+)\?$/,
		wordings: [
			'Where does the $1 lie with respect to the $2?',
			'In which direction from the $2 is the $1?',
			'Seen from the $2, where is the $1?',
		],
	},
	{
		pattern: /^What (color|shape) is the (.+)\?$/,
		wordings: ['Which $1 does the $2 have?', 'Name the $1 of the $2.'],
	},
	{
		pattern: /^Is there (an? .+) in the image\?$/,
		wordings: ['Does the image show $1?', 'Can $1 be seen in the picture?'],
	},
	{
		pattern: /^How many objects are in the image\?$/,
		wordings: ['What is the number of objects in the picture?', 'Count the objects in the image.'],
	},
];
