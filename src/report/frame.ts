import { CSS } from './css.ts';
import { html, markupOf, trusted } from './html.ts';
import type { Section } from './section.ts';

/** Nothing may be fetched and nothing may run, even if markup should slip through. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export interface PageParts {
	title: string;
	/** After the title in the browser's tab. */
	about: string;
	subtitle: string;
	/** Versions of Dorsal that made what is shown. */
	versions: string;
	/** Seconds after which the browser reads the page again; default never. */
	refresh?: number | undefined;
	sections: readonly Section[];
}

/** One HTML document that needs nothing beside it. */
export function pageHtml({ title, about, subtitle, versions, refresh, sections }: PageParts): string {
	const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="color-scheme" content="light dark">
${refresh !== undefined && html`<meta http-equiv="refresh" content="${refresh}">\n`}<title>${title}: ${about}</title>
<style>${trusted(CSS)}</style>
</head>
<body>
<div class="page">
<header>
<h1>${title}</h1>
<p class="subtitle">${subtitle}</p>
<nav aria-label="Contents"><ol>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>
</header>
<main>
${sections.map((section) => html`<section id="${section.id}" aria-labelledby="${section.id}-title">\n<h2 id="${section.id}-title">${section.title}</h2>\n${section.html}\n</section>\n`)}</main>
<footer>Made by Dorsal ${versions}, after “Beyond Semantics: Rediscovering Spatial Awareness in Vision-Language Models”.</footer>
</div>
</body>
</html>
`;
	return markupOf(page);
}
