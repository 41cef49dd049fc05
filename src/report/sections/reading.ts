import { FEWEST_IMAGES } from '../../eval/paired.ts';
import { html } from '../html.ts';
import type { ReportData } from '../inputs.ts';
import type { Section } from '../section.ts';
import { KEPT } from '../verdict.ts';

/** How to read the report, and what it cannot say. */
export function readingSection(_: ReportData): Section {
	return {
		id: 'reading',
		title: 'How to read this, and its limits',
		html: html`<ul>
<li><strong>Shuffling tests order, not sight.</strong> Encoders with position embeddings write the place of a patch into the token itself. A model that survives the shuffle may know where things are from within the tokens; one that fails depended on their order, or is thrown off by an arrangement that it never saw in training.</li>
<li><strong>Chance comes first.</strong> Every accuracy stands beside its chance level. A model at chance cannot lose, so a small difference there means nothing.</li>
<li><strong>Not found is not absent.</strong> An interval that includes zero says that these runs cannot tell, within the bounds given. “Measurable” always means: the 95 % interval excludes zero, or chance.</li>
<li><strong>Words for sizes.</strong> Of its accuracy above chance, a model that <em>hardly relies</em> on order keeps at least ${KEPT.most * 100} % after shuffling, one that <em>relies in part</em> keeps ${KEPT.half * 100} to ${KEPT.most * 100} %, one that <em>relies</em> keeps less; the whole interval of the difference and every order must agree, or the words are weaker.</li>
<li><strong>Intervals.</strong> Wilson's interval takes questions as independent, though several share an image; the bootstrap of the differences resamples whole images. Many numbers are shown and none is corrected for that: of twenty comparisons without any effect, one looks like an effect on average.</li>
<li><strong>A few orders are not all orders.</strong> A shuffle is a few random orders, each the same for all images, and their mean is shown. Intervals are over images for these orders, not over all orders; how far the orders lie apart stands beside the mean. What is said of chance holds in every order, or it says in how many. From fewer than ${FEWEST_IMAGES} images there is no interval of a difference, and no verdict.</li>
<li><strong>Strict and lenient.</strong> Strict accuracy takes the whole text as the answer. Where lenient accuracy is far higher, the model may know more than it manages to say in the asked form.</li>
<li><strong>The paper's columns are the paper's.</strong> LLaVA-1.5 7B, its own prompts, sampling and scorers, and a 2DS whose generator is not published. They show the size of the effect that it reports, not a target for this model.</li>
<li><strong>To look inside is not to explain.</strong> A token that gets attention need not be used, what a linear map reads off a state the model may ignore, and a long vector need not drown a short one. Only shuffling, pooling and the other interventions show what an answer depends on.</li>
<li><strong>Drawn scenes are not photographs.</strong> 2DS takes out what a model could guess from the world. Doing well on it does not show that the same holds for photographs.</li>
</ul>`,
		figures: [],
	};
}
