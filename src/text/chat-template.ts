import { Template } from '@huggingface/jinja';
import { InputError } from '../base/errors.ts';

/** A question that has been asked and answered before. */
export interface Turn {
	question: string;
	answer: string;
}

export interface Conversation {
	/** The question to be answered now. */
	question: string;
	/** Whether an image goes with it; it stands in the first question. */
	image: boolean;
	/** What is said to the model before the conversation. Default: nothing, or what the template itself says. */
	system?: string;
	/** Earlier questions and answers about the same image. Default none. */
	history?: readonly Turn[];
	/** Whether earlier answers end with EOS where the template writes none, as in training they must. Default false. */
	endAnswers?: boolean;
}

/** LLaVA-1.5's own prompt (`vicuna_v1`), for checkpoints that bring no template. */
export const VICUNA_V1 = `{% for message in messages %}\
{% if message['role'] == 'system' %}{{ message['content'] }} \
{% elif message['role'] == 'user' %}USER: {{ message['content'] }} \
{% else %}ASSISTANT: {{ message['content'] }}{{ eos_token }}{% endif %}\
{% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}`;

/** The system prompt that LLaVA-1.5 was trained and is evaluated with. */
export const VICUNA_SYSTEM =
	"A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user's questions.";

/** A character that no text has (a noncharacter): it stands for a question while a template is tried. */
export const PROBE = '\uFDD0';

/** How a template wants a message: plain text, or a list of typed parts. */
type Form = 'text' | 'parts';

export interface ChatTemplate {
	/** The Jinja source. */
	source: string;
	/** The prompt up to where the answer begins, with one placeholder where the image goes. */
	render(conversation: Conversation): string;
}

export interface ChatTemplateOptions {
	/** What stands for the image in the prompt, such as `<image>`. */
	placeholder: string;
	/** Values that templates may use, such as `bos_token`. */
	variables: Record<string, string>;
	/** The file, for messages. */
	where: string;
}

const countOf = (text: string, part: string) => text.split(part).length - 1;

/**
 * A chat template in Jinja, as transformers has them. Templates differ in whether a message is text or a list of parts,
 * often from role to role; which it is for each is found out by trying. Throws an InputError for a template that does
 * not parse or that renders a question with an image in neither form.
 */
export function chatTemplate(source: string, { placeholder, variables, where }: ChatTemplateOptions): ChatTemplate {
	const fail = (reason: string, cause?: unknown) =>
		new InputError(`${where}: ${reason}`, { code: 'chat-template', cause });
	let template: Template;
	try {
		template = new Template(source);
	} catch (cause) {
		throw fail(`not a chat template (${oneLine(cause)})`, cause);
	}

	const content = (form: Form, text: string, image = false) => {
		if (form === 'text') return image ? `${placeholder}\n${text}` : text;
		return [...(image ? [{ type: 'image' }] : []), { type: 'text', text }];
	};
	const render = (
		{ question, image, system, history = [] }: Conversation,
		forms: Record<string, Form>,
		end = '',
	): string => {
		const message = (role: string, text: string, image = false) => ({
			role,
			content: content(forms[role]!, text, image),
		});
		const questions = [...history.map((turn) => turn.question), question];
		const messages = [
			...(system === undefined ? [] : [message('system', system)]),
			...questions.flatMap((text, i) => [
				message('user', text, image && i === 0),
				...(i < history.length ? [message('assistant', history[i]!.answer + end)] : []),
			]),
		];
		return template.render({ ...variables, messages, add_generation_prompt: true });
	};

	/** Whether a probe in the place of one text comes out once, and nothing of how the parts are stored. */
	const works = (conversation: Conversation, forms: Record<string, Form>) => {
		try {
			const text = render(conversation, forms);
			return (
				countOf(text, PROBE) === 1 &&
				countOf(text, placeholder) === Number(conversation.image) &&
				!/['"]type['"]\s*:/.test(text)
			);
		} catch {
			return false;
		}
	};
	const choose = (conversation: Conversation, role: string, others: Record<string, Form>, order: Form[]) =>
		order.find((form) => works(conversation, { ...others, [role]: form }));

	const asked = { question: PROBE, image: true };
	const user = choose(asked, 'user', {}, ['parts', 'text']);
	if (!user) throw fail(`a question with an image does not come out with one ${placeholder} in it`);
	const system = choose({ question: 'q', image: true, system: PROBE }, 'system', { user }, ['text', 'parts']);
	const answered = { question: 'q', image: true, history: [{ question: 'q', answer: PROBE }] };
	const assistant = choose(answered, 'assistant', { user }, ['text', 'parts']);

	const forms = { user, system: system ?? 'text', assistant: assistant ?? 'text' };
	const { eos_token: eos = '' } = variables;
	/** What an answer is to be ended with so that EOS ends it: nothing where the template writes EOS itself. */
	const missingEnd = assistant && !render(answered, forms).split(PROBE)[1]!.trimStart().startsWith(eos) ? eos : '';

	return {
		source,
		render(conversation) {
			if (conversation.system !== undefined && !system) throw fail('takes no system prompt; leave it out');
			if (conversation.history?.length && !assistant) throw fail('takes no earlier answers; leave the history out');
			try {
				return render(conversation, forms, conversation.endAnswers ? missingEnd : '');
			} catch (cause) {
				throw fail(`the template fails (${oneLine(cause)})`, cause);
			}
		},
	};
}

function oneLine(cause: unknown): string {
	return (cause as Error).message.split('\n')[0]!;
}
