//! Finds the line of a printed graph that makes an output, so that a failed test names the operator and its Rust line.

/// The line that defines the output of `graph`, or the element of it that `path` leads to.
pub fn origin<'g>(graph: &'g str, path: &[usize]) -> Option<&'g str> {
    let results = graph.lines().rev().find_map(|line| line.strip_prefix("  return ("))?;
    let mut value = results.strip_suffix(")")?;
    // The elements to descend to, the next one last.
    let mut path: Vec<usize> = path.iter().rev().copied().collect();
    loop {
        let (line, position) = definition(graph, value)?;
        if let Some((_, tuple)) = line.split_once(" = prim::TupleUnpack(") {
            path.push(position);
            value = tuple.split([')', ',']).next()?;
        } else if let Some((_, elements)) = line.split_once(" = prim::TupleConstruct(")
            && let Some(element) = path.pop()
        {
            value = elements.split_once(')')?.0.split(", ").nth(element)?;
        } else {
            return Some(line);
        }
    }
}

/// The line that defines `value`, and the position of `value` among the values of that line.
fn definition<'g>(graph: &'g str, value: &str) -> Option<(&'g str, usize)> {
    graph.lines().map(str::trim_start).find_map(|line| {
        let (values, _) = line.split_once(" = ")?;
        let names = values.split('%').skip(1).map(|it| it.split(" : ").next().unwrap_or_default());
        let position = names.into_iter().position(|name| Some(name) == value.strip_prefix('%'))?;
        Some((line, position))
    })
}

#[cfg(test)]
mod tests {
    use super::origin;

    const GRAPH: &str = "graph(%self : __torch__.A,
      %x.1 : Tensor):
  %2 : int = prim::Constant[value=1]()
  %3 : Tensor = aten::relu(%x.1) # src/main.rs:1:2
  %30 : Tensor = aten::add(%3, %3, %2) # src/main.rs:3:4
  %5 : (Tensor, Tensor) = prim::TupleConstruct(%30, %3)
  %6 : Tensor, %7 : Tensor = prim::TupleUnpack(%5)
  %8 : (Tensor, Tensor) = prim::TupleConstruct(%7, %6)
  return (%8)
";

    #[test]
    fn outputs_and_elements_of_them_are_found() {
        assert_eq!(origin(GRAPH, &[1]), Some("%30 : Tensor = aten::add(%3, %3, %2) # src/main.rs:3:4"));
        assert_eq!(origin(GRAPH, &[0]), Some("%3 : Tensor = aten::relu(%x.1) # src/main.rs:1:2"));
        assert_eq!(origin(GRAPH, &[]), Some("%8 : (Tensor, Tensor) = prim::TupleConstruct(%7, %6)"));
        assert_eq!(origin(&GRAPH.replace("(%8)", "(%6)"), &[]).map(|it| &it[..3]), Some("%30"));
        assert_eq!(origin("", &[]), None);
    }
}
