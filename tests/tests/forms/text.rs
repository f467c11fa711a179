//! Strings.

use integration_tests::{agree, both_fail};

agree! {
    fn concatenated(s: String, u: &str) -> String { s + u } on ("a".to_owned(), "b");

    fn made(a: &str) -> (String, String, String) { let mut s = String::new(); s.push_str(a); s.push('x'); s += "y"; (s, String::from(a) + "b", a.to_owned() + &a.to_string()) } on ("q") ("");
    fn measured(s: &str) -> (usize, bool, usize) { (s.len(), s.is_empty(), s.chars().count()) } on ("abc") ("") ("größe") ("日本");
    fn searched(s: &str) -> (bool, bool, bool, bool, Option<usize>, Option<usize>) { (s.contains("ab"), s.contains('c'), s.starts_with("ab"), s.ends_with("b"), s.find("b"), s.rfind("b")) } on ("abcab") ("b") ("") ("cab");
    fn empty_patterns(s: &str) -> (bool, bool, bool) { (s.contains(""), s.starts_with(""), s.ends_with("")) } on ("ab") ("");
    fn letters(s: &str) -> (String, String, String) { (s.to_uppercase(), s.to_lowercase(), s.to_ascii_uppercase()) } on ("aBc1") ("");
    fn trimmed(s: &str) -> (String, String, String) { (s.trim().to_string(), s.trim_start().to_string(), s.trim_end().to_string()) } on ("  a b \n") ("\t\r\n") ("x");
    fn stripped(s: &str) -> (Option<String>, Option<String>) { (s.strip_prefix("ab").map(|x| x.to_string()), s.strip_suffix("c").map(str::to_string)) } on ("abc") ("c") ("ab");
    fn replaced(s: &str) -> (String, String) { (s.replace("ab", "x"), s.replace('c', "")) } on ("abcab") ("ab") ("") ("aab");
    fn split(s: &str) -> (Vec<String>, Vec<String>, Vec<String>) { (s.split(',').map(|x| x.to_string()).collect(), s.split_whitespace().map(String::from).collect(), s.lines().map(|x| x.to_owned()).collect()) } on ("a,b,,c") (" a  b\nc ") ("") (",") ("a\r\nb\n\nc") ("x\n");
    fn split_by_texts(s: &str) -> Vec<String> { let parts = s.split("--").collect::<Vec<_>>(); let mut out: Vec<String> = vec![]; for p in parts { out.push(p.to_string()); } out } on ("a--b") ("--") ("a-b") ("a---b");
    fn joined(v: Vec<String>) -> (String, String, String) { (v.join(", "), v.concat(), v.iter().map(|x| x.to_uppercase()).collect::<Vec<_>>().join("")) } on (vec!["a".to_owned(), "b".to_owned()]) (Vec::<String>::new());
    fn repeated(s: &str) -> (String, String) { (s.repeat(3), "-".repeat(s.len())) } on ("ab") ("");
    fn parsed(s: &str) -> Result<(i64, i64), Box<dyn std::error::Error>> { let a = s.parse::<i64>()?; let b: i64 = s.trim().parse()?; Ok((a, b)) } on ("12") ("-7") ("+3") ("0") ("9223372036854775807");
    fn parsed_floats(s: &str) -> f64 { s.parse::<f64>().unwrap() } on ("1.5") ("-2") ("1e3") ("inf") (".5") ("3.") ("NaN") ("-0.0");
    fn parsed_lists(s: &str) -> i64 { s.split(' ').map(|p| p.parse::<i64>().unwrap()).sum::<i64>() } on ("1 2 39");
    fn parsed_bools(s: &str) -> bool { s.parse::<bool>().unwrap() } on ("true") ("false");
    fn compared(a: &str, b: &str) -> (bool, bool, bool) { (a == b, a < b, a != b) } on ("a", "b") ("b", "a") ("a", "a");
    fn sliced(s: &str) -> (String, String) { (s[1..].to_string(), s[..2].to_string()) } on ("abc");
    fn matched(s: String) -> i64 { match s.as_str() { "a" => 1, "b" | "c" => 2, _ => 3 } } on ("a".to_owned()) ("c".to_owned()) ("".to_owned());
    fn in_collections(s: &str) -> (Vec<String>, bool) { let mut v: Vec<String> = Vec::new(); v.push(s.to_string()); v.push("z".into()); v.sort(); (v.clone(), v.contains(&"z".to_string())) } on ("b");
    fn appended_in_a_list(s: &str) -> Vec<String> { let mut v = vec![s.to_string()]; v[0].push_str("q"); v[0] += "r"; v } on ("b");
}

both_fail! {
    fn no_number(s: &str) -> i64 { s.parse::<i64>().unwrap() } on ("") ("a") (" 1") ("1.5") ("-") ("1_000") ("99999999999999999999");
    fn no_float(s: &str) -> f64 { s.parse::<f64>().unwrap() } on ("") ("a") (" 1") ("1.5x") ("0x10");
    fn no_small_number(s: &str) -> u8 { s.parse::<u8>().unwrap() } on ("256") ("-1");
}
