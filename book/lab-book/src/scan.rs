//! A page's Markdown -> text, headings and directives, in their order.

use crate::directive::{MDBOOK, NAMES, WITH_BODY};
use lab_kit::names::nearest;

/// A stretch of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Markdown that stays as it is, one line.
    Text(String),
    /// A `#` heading's line; a place that can be linked to.
    Heading(String),
    /// `{{#name args}}`; `body` reaches to `{{/name}}`, for those that have one.
    Directive { line: usize, name: String, args: String, body: Option<String> },
    /// Something that looks like a directive and isn't one.
    Fault { line: usize, what: String },
}

/// Cuts a page into pieces; nothing inside a code fence or comment is cut out.
pub(crate) fn scan(page: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let mut comment = false;
    let mut lines = page.split_inclusive('\n').enumerate();
    while let Some((n, line)) = lines.next() {
        let text = || Piece::Text(line.to_string());
        let was = fence;
        fence = after(fence, line);
        if was.is_some() || fence.is_some() {
            pieces.push(text());
            continue;
        }
        let inside = comment;
        comment = still_comment(comment, line);
        if inside || comment {
            pieces.push(text());
        } else if let Some((name, args, rest)) = directive(line) {
            let line = n + 1;
            let found = Found { line, name, args, rest };
            pieces.push(found.piece(|| lines.next().map(|(_, l)| l)));
        } else if let Some(what) = misplaced(line) {
            pieces.push(Piece::Fault { line: n + 1, what });
        } else if is_heading(line) {
            pieces.push(Piece::Heading(line.to_string()));
        } else {
            pieces.push(text());
        }
    }
    pieces
}

/// The opening of a directive, before its end has been looked for.
struct Found<'a> {
    line: usize,
    name: &'a str,
    args: &'a str,
    rest: &'a str,
}

impl Found<'_> {
    fn piece<'l>(&self, more: impl FnMut() -> Option<&'l str>) -> Piece {
        let line = self.line;
        if !NAMES.contains(&self.name) {
            let hint = nearest(self.name, NAMES);
            let what =
                format!("no directive is called `{}`; {hint}", self.name);
            return Piece::Fault { line, what };
        }
        let (name, args) = (self.name.to_string(), self.args.to_string());
        if !WITH_BODY.contains(&self.name) {
            if !self.rest.trim().is_empty() {
                let what = format!("`{name}` must stand alone on its line");
                return Piece::Fault { line, what };
            }
            return Piece::Directive { line, name, args, body: None };
        }
        match body(self.rest, &name, more) {
            Some(body) => {
                Piece::Directive { line, name, args, body: Some(body) }
            }
            None => {
                let what = format!(
                    "`{{{{#{name}}}}}` is never closed by `{{{{/{name}}}}}`"
                );
                Piece::Fault { line, what }
            }
        }
    }
}

/// Up to the directive's end; its first line is the directive's own.
fn body<'l>(
    rest: &str,
    name: &str,
    mut more: impl FnMut() -> Option<&'l str>,
) -> Option<String> {
    let end = format!("{{{{/{name}}}}}");
    let mut body = rest.to_string();
    loop {
        if let Some((inside, _)) = body.split_once(&end) {
            return Some(inside.trim_end().to_string());
        }
        body.push_str(more()?);
    }
}

/// `{{#name args}} rest`, indented by three spaces at most.
fn directive(line: &str) -> Option<(&str, &str, &str)> {
    let start = line.trim_start_matches(' ');
    if line.len() - start.len() > 3 {
        return None;
    }
    let (inner, rest) = start.strip_prefix("{{#")?.split_once("}}")?;
    let (name, args) = inner.split_once(' ').unwrap_or((inner, ""));
    (!MDBOOK.contains(&name)).then_some((name, args.trim(), rest))
}

/// One of our directives in the middle of a sentence would reach the reader.
fn misplaced(line: &str) -> Option<String> {
    let (before, rest) = line.split_once("{{#")?;
    let name = rest.split([' ', '}']).next()?;
    let shown = before.contains('`') || before.ends_with('\\');
    (NAMES.contains(&name) && !shown)
        .then(|| format!("`{name}` must stand on a line of its own"))
}

fn is_heading(line: &str) -> bool {
    let marks = line.chars().take_while(|c| *c == '#').count();
    (1..=6).contains(&marks) && line[marks..].starts_with(' ')
}

/// The fence that is open after a line.
fn after(fence: Option<(char, usize)>, line: &str) -> Option<(char, usize)> {
    let line = line.trim();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'));
    let run = line.chars().take_while(|c| Some(*c) == mark).count();
    match (fence, mark) {
        (None, Some(mark)) if run >= 3 => {
            let inline = mark == '`' && line[run..].contains('`');
            (!inline).then_some((mark, run))
        }
        (Some((open, length)), Some(mark)) => {
            let closes = mark == open && run >= length && run == line.len();
            (!closes).then_some((open, length))
        }
        (fence, _) => fence,
    }
}

fn still_comment(comment: bool, line: &str) -> bool {
    match (line.rfind("<!--"), line.rfind("-->")) {
        (Some(open), Some(close)) => open > close,
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (None, None) => comment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directives(page: &str) -> Vec<String> {
        let pieces = scan(page).into_iter();
        pieces
            .filter_map(|piece| match piece {
                Piece::Directive { line, name, args, body } => Some(format!(
                    "{line} {name} {args}{}",
                    body.map_or(String::new(), |b| format!(": {b}"))
                )),
                Piece::Fault { line, what } => Some(format!("{line} ! {what}")),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_directive_has_a_line_of_its_own() {
        let page = "# T\n\n{{#ladder ch05/first-ack conn=2}}\n";
        assert_eq!(directives(page), ["3 ladder ch05/first-ack conn=2"]);
        let page = "see {{#lab ch05}} here\n";
        assert!(directives(page)[0].contains("on a line of its own"));
        assert!(directives("    {{#lab ch05}}\n")[0].contains("of its own"));
        let page = "{{#lab ch05}} and more\n";
        assert!(directives(page)[0].contains("alone on its line"));
    }

    #[test]
    fn code_comments_and_escapes_are_left_alone() {
        let page = "```text\n{{#lab ch05}}\n~~~\n```\n\n\\{{#lab ch05}}\n\n\
            <!--\n{{#lab ch05}}\n-->\n`{{#lab x}}`\n\
            {{#include x.md}}\n````\n```\n{{#lab ch05}}\n````\n";
        assert_eq!(directives(page), [""; 0]);
        let text: String = scan(page)
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) | Piece::Heading(text) => text,
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(text, page);
    }

    #[test]
    fn a_prediction_reaches_to_its_end() {
        let page = "{{#predict why}} Why\nso? {{/predict}}\nrest\n";
        assert_eq!(directives(page), ["1 predict why:  Why\nso?"]);
        let open = directives("{{#predict why}} Why?\n");
        assert!(open[0].contains("never closed"), "{open:?}");
        let page = "{{#notes}}\nAsk.\n\nShow.\n{{/notes}}\n";
        assert_eq!(directives(page), ["1 notes : \nAsk.\n\nShow."]);
        let page = "{{#quiz ch05}}\nright: {{/predict}}\n{{/quiz}}\n";
        assert_eq!(directives(page), ["1 quiz ch05: \nright: {{/predict}}"]);
    }

    #[test]
    fn an_unknown_directive_is_named_with_its_neighbour() {
        let found = directives("{{#lader ch05/x}}\n");
        assert_eq!(
            found,
            ["1 ! no directive is called `lader`; did you mean ladder?"]
        );
    }
}
