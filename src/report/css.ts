import { DARK, LIGHT } from './figures/palette.ts';

const names = (colours: Readonly<Record<string, string>>) =>
	Object.entries(colours)
		.map(([name, colour]) => `--${name}:${colour}`)
		.join(';');

/** Colours beyond those of the figures: marks of right and wrong, faint grounds. */
const PAGE_LIGHT = '--right:#0b6b3a;--wrong:#b3261e;--faint:#f6f8fa;--edge:#d0d7de;--link:#0b5cad';
const PAGE_DARK = '--right:#5fd39a;--wrong:#ff8a80;--faint:#1b2027;--edge:#3a424c;--link:#7cb8f0';

/** The style of the page: one column of text, wider tables and figures, no font but the reader's own. */
export const CSS = `
:root{color-scheme:light dark;${names(LIGHT)};${PAGE_LIGHT}}
@media (prefers-color-scheme:dark){:root{${names(DARK)};${PAGE_DARK}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
.page{max-width:64rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .4rem;letter-spacing:-.01em}
h2{font-size:1.3rem;line-height:1.3;margin:3.25rem 0 .75rem;padding-top:1.1rem;border-top:1px solid var(--grid)}
h3{font-size:1.05rem;margin:1.75rem 0 .5rem}
p,ul{max-width:44rem;margin:.6rem 0}
li{margin:.45rem 0}
a{color:var(--link)}
code,pre{font:.86em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--faint);border:1px solid var(--grid);border-radius:6px;padding:.7rem .9rem;white-space:pre-wrap;overflow-wrap:anywhere}
.subtitle{color:var(--muted);margin:0}
nav{margin:1.1rem 0 0;font-size:.9rem}
nav ol{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;padding:0;margin:0;max-width:none}
nav li{margin:0}
nav a{text-decoration:none}
nav a:hover,nav a:focus{text-decoration:underline}
.question{color:var(--muted);font-size:1.02rem}
.verdict{border-left:3px solid var(--series0);padding:.1rem 0 .1rem 1rem;margin:1rem 0;max-width:46rem}
.verdict strong{display:block;font-size:1.12rem;line-height:1.4;margin-bottom:.25rem}
.note,figcaption{color:var(--muted);font-size:.87rem;line-height:1.5;max-width:46rem}
figure{margin:1.4rem 0;break-inside:avoid}
figure svg{display:block;max-width:100%;height:auto;color:var(--ink);font-family:system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow:visible}
figcaption{margin-top:.5rem}
.narrow{display:none}
.scroll{position:relative;overflow-x:auto;margin:1rem 0}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-size:.86rem;line-height:1.4;font-variant-numeric:tabular-nums}
th,td{padding:.4rem .5rem;text-align:right;vertical-align:top;border-bottom:1px solid var(--grid)}
th:first-child,td:first-child{padding-left:0}
thead th{white-space:nowrap;font-weight:600;color:var(--muted);vertical-align:bottom;border-bottom:1px solid var(--edge)}
thead .spans th{border-bottom:0;padding-bottom:0;text-align:left;color:var(--ink)}
thead .spans th:not(:empty){border-left:1px solid var(--grid)}
th[scope=row]{text-align:left;font-weight:500;min-width:6.5rem}
th.text,td.text{text-align:left}
tr.group th{text-align:left;font-weight:600;padding-top:1rem}
tbody+tbody td,tbody+tbody th{border-top:1px solid var(--edge)}
.value,.bounds{display:block;white-space:nowrap}
.bounds{color:var(--muted);font-size:.82em}
td.paper,th.paper{color:var(--muted);background:var(--faint)}
.none{color:var(--muted)}
.cut{color:var(--muted);font-style:italic}
details{margin:.6rem 0}
summary{cursor:pointer;color:var(--link);font-size:.9rem}
.scene{display:grid;grid-template-columns:11rem minmax(0,1fr);gap:1.25rem;padding:1rem 0;border-bottom:1px solid var(--grid);break-inside:avoid}
.scene .scroll{margin:0}
.scene td,.scene tbody th{overflow-wrap:anywhere;min-width:5.7rem}
.scene th[scope=row]{min-width:10rem;font-weight:400}
.picture img{display:block;width:100%;height:auto;border:1px solid var(--edge);border-radius:4px;background:#fff}
.picture .note{margin:.3rem 0 0;overflow-wrap:anywhere}
.no-picture{border:1px dashed var(--edge);border-radius:4px;padding:2rem 1rem;text-align:center;color:var(--muted);margin:0;font-size:.9rem}
.right{color:var(--right);font-weight:600}
.wrong{color:var(--wrong);font-weight:600}
.draws{font-weight:400;white-space:nowrap;color:var(--muted);font-size:.85em}
.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.manifest td,.manifest tbody th{overflow-wrap:anywhere}
.manifest td{white-space:pre-wrap}
footer{margin-top:3rem;color:var(--muted);font-size:.87rem}
@media (max-width:48rem){
body{font-size:15px}
.page{padding:1.5rem 1rem 3rem}
h1{font-size:1.5rem}
.wide{display:none}
.narrow{display:block}
.scene{grid-template-columns:minmax(0,1fr)}
th[scope=row]{position:sticky;left:0;background:var(--paper);max-width:9rem;overflow-wrap:anywhere;z-index:1}
.scene th[scope=row]{min-width:8.5rem}
.picture{max-width:14rem}
}
@media print{
th[scope=row]{position:static}
:root{color-scheme:light;${names(LIGHT)};${PAGE_LIGHT}}
body{font-size:10.5pt}
.page{max-width:none;padding:0}
.wide{display:block}
.narrow{display:none}
nav,figure details{display:none}
.scroll{overflow:visible}
table{font-size:8.5pt}
tr,article{break-inside:avoid}
h2,h3{break-after:avoid}
.scene{grid-template-columns:7rem minmax(0,1fr)}
}
`;
