//! Rosters as they come, and folders that claim to be somebody's.

use std::fs;

use super::*;
use crate::grade::intake::What;

fn parse(text: &str) -> Result<Roster> {
    Roster::parse(text.as_bytes())
}

fn mistakes(text: &str) -> String {
    format!("{:#}", parse(text).unwrap_err())
}

#[test]
fn a_spreadsheets_roster() {
    let roster = parse(
        "\u{FEFF}Name,ID,Group,E-Mail,email\r\n\
         \"Doe, Jane\",s2,A,x, j@example.org \r\n\
         \"said \"\"hi\"\"\",s10,B,,\r\n\
         ,,,,\r\n",
    )
    .unwrap();
    let [ten, two] = &roster.students[..] else { panic!("{roster:?}") };
    assert_eq!((ten.id.as_str(), ten.name.as_str()), ("s10", "said \"hi\""));
    assert_eq!((two.id.as_str(), two.name.as_str()), ("s2", "Doe, Jane"));
    assert_eq!(two.email.as_deref(), Some("j@example.org"));
    assert_eq!(ten.email, None);
    assert_eq!(roster.student("s2"), Some(two));
    assert_eq!(roster.student("S2"), None);
    assert_eq!(roster.warnings, [""; 0]);
}

#[test]
fn the_digest_is_of_the_students() {
    let one = parse("id,name\na,A\nb,B\n").unwrap();
    let same = parse("name,id\r\nB,b\r\n\"A\",a").unwrap();
    let other = parse("id,name\na,A\nb,C\n").unwrap();
    assert_eq!(one.digest, same.digest);
    assert_ne!(one.digest, other.digest);
}

#[test]
fn ids_that_are_no_ids() {
    for id in [
        "",
        "../x",
        "a/b",
        "-rf",
        ".x",
        "x.",
        "=1",
        "a b",
        "al\u{456}ce",
        "\u{e9}",
        "e\u{301}",
        "a\u{200b}",
        "a\nb",
        "a\0",
        "\u{202e}a",
    ] {
        let text = format!("id,name\n\"{id}\",X\n");
        let told = mistakes(&text);
        assert!(told.contains("line 2: id"), "{id:?}: {told}");
        assert!(told.is_ascii() && !told.contains('\0'), "{told:?}");
    }
    let long = "a".repeat(65);
    assert!(mistakes(&format!("id,name\n{long},X\n")).contains("64"));
}

#[test]
fn ids_that_are_there_twice() {
    let told = mistakes("id,name\nalice,A\nbob,B\nALICE,C\nbob,D\n");
    assert!(told.contains("2 mistakes"), "{told}");
    assert!(told.contains("line 4: id ALICE: line 2 has alice"), "{told}");
    assert!(told.contains("line 5: id bob: line 3"), "{told}");
}

#[test]
fn ids_that_look_alike_are_told() {
    let roster = parse("id,name\ns1,A\nsl,B\nx,C\n").unwrap();
    assert_eq!(roster.warnings, ["ids that look alike: s1, sl"]);
}

#[test]
fn names_are_made_harmless_and_kept() {
    let roster = parse(
        "id,name\n1,\"=cmd|' /C calc'!A0\"\n2,\"a\u{202e}b\x1b[2J\"\n\
         3,\"two\nlines\"\n4,Zoe\u{308}\n",
    )
    .unwrap();
    let names: Vec<_> =
        roster.students.iter().map(|s| s.name.as_str()).collect();
    let wanted = [
        "=cmd|' /C calc'!A0",
        "a\u{fffd}b\u{fffd}[2J",
        "two\u{fffd}lines",
        "Zo\u{eb}",
    ];
    assert_eq!(names, wanted);
    assert_eq!(roster.warnings.len(), 2, "{:?}", roster.warnings);
}

#[test]
fn what_is_no_roster() {
    for (text, words) in [
        ("", "no column is called"),
        ("id;name\na;A\n", "with commas"),
        ("id,mail\na,A\n", "no column is called \"name\""),
        ("id,name,ID\na,A,b\n", "two columns"),
        ("id,name\n", "no student"),
        ("id,name\na\n", "line: 2"),
    ] {
        assert!(mistakes(text).contains(words), "{text:?}: {}", mistakes(text));
    }
    let latin = Roster::parse(b"id,name\na,\xe9\n").unwrap_err();
    assert!(format!("{latin:#}").contains("UTF-8"));
}

#[test]
fn folders_find_their_students() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for name in ["alice", "Bob", "carol", "CAROL", "d\u{430}ve", "=x", "zoe\n"]
    {
        fs::create_dir(path.join(name)).unwrap();
    }
    fs::write(path.join("roster.csv"), "").unwrap();
    let roster = parse("id,name\nalice,A\nbob,B\ncarol,C\ndave,D\n").unwrap();
    let matched = match_folders(&roster, path).unwrap();
    let whose: Vec<_> = matched
        .students
        .iter()
        .map(|(student, folder)| (student.id.as_str(), folder.clone()))
        .collect();
    let both = vec!["CAROL".into(), "carol".into()];
    assert_eq!(
        whose,
        [
            ("alice", Folder::There("alice".into())),
            ("bob", Folder::There("Bob".into())),
            ("carol", Folder::Claimed(both)),
            ("dave", Folder::Missing),
        ]
    );
    let found: Vec<_> =
        matched.findings.iter().map(|f| (f.path.as_str(), f.what)).collect();
    assert_eq!(
        found,
        [
            ("=x", What::Unknown),
            ("CAROL", What::ClaimedTwice),
            ("carol", What::ClaimedTwice),
            ("d\\xd0\\xb0ve", What::LookAlike),
            ("roster.csv", What::Unknown),
            ("zoe\\n", What::Unknown),
        ]
    );
}
