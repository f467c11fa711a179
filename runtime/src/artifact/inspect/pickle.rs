//! Reads a pickle as libtorch's `Unpickler` does, but makes nothing of it: it keeps what each value is made of, and
//! refuses what libtorch would trust.
//!
//! libtorch's `Unpickler` runs the opcodes without a look at what is on the stack. It calls a function of its table for
//! any integer, reads behind its stack where a dictionary lacks a value, makes a tensor of any size around a record of
//! any size, and grows its memo to any index. So each of these is checked here, for each opcode that it knows.

use std::collections::{BTreeSet, HashMap};

use super::tensors;

/// The deepest nesting of values. Trees of modules are some ten levels deep; values are freed by recursion.
const MAX_DEPTH: u32 = 256;

/// The most values that a pickle may hold, where what is shared counts each time: a small pickle can share so often that
/// no walk over it ends. A large one may hold four times what stands in it.
const MAX_EXPANDED: u64 = 50_000_000;

pub type Checked<T> = Result<T, String>;

/// The index of a value in a [`Pickle`].
pub type Id = usize;

#[derive(Debug, PartialEq)]
pub enum Item {
    None,
    Bool,
    Int(i64),
    Float,
    Text(String),
    Complex,
    Device,
    Tuple(Vec<Id>),
    List(Vec<Id>),
    /// Keys and values in turn.
    Dict(Vec<Id>),
    Global(Global),
    /// An object before it has its state.
    Instance,
    Object(Id),
    /// The elements that a record holds.
    Storage {
        elements: u64,
    },
    Tensor {
        sizes: Vec<u64>,
    },
}

/// What a pickle names. libtorch knows no others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Global {
    /// A class of the archive, or one of C++ that is bound to TorchScript.
    Class,
    /// An element type, by the bytes of an element.
    Storage {
        bytes: u64,
    },
    Scheme(Scheme),
    Tensor,
    QuantizedTensor,
    SparseTensor,
    /// The hooks of a tensor, which TorchScript does not keep.
    Hooks,
    Complex,
    Device,
    /// A list of numbers or of tensors.
    TypedList,
    /// The element types of a list or a dictionary.
    TypeTag,
}

/// How a tensor is quantized.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scheme {
    PerTensor,
    PerChannel,
}

/// What a pickle holds.
#[derive(Debug)]
pub struct Pickle {
    items: Vec<Item>,
    root: Id,
    /// The names of the devices that its tensors were on.
    pub devices: BTreeSet<String>,
}

/// The records of tensors that a pickle may name.
#[derive(Clone, Copy, Debug)]
pub struct Storages<'a> {
    /// The sizes of all records, in bytes.
    pub sizes: &'a HashMap<String, u64>,
    /// What stands before the names.
    pub folder: &'a str,
    /// The most bytes that may be read.
    pub max_bytes: u64,
}

impl Pickle {
    /// Reads all opcodes. The message of an error says at which byte.
    pub fn read(bytes: &[u8], storages: Storages<'_>) -> Checked<Pickle> {
        let mut machine = Machine {
            reader: Reader { bytes, at: 0 },
            items: vec![],
            stack: vec![],
            marks: vec![],
            memo: HashMap::new(),
            storages,
            bytes_read: 0,
            devices: BTreeSet::new(),
        };
        match machine.run() {
            Ok(root) => Ok(Pickle { items: machine.items, root, devices: machine.devices }),
            Err(what) => Err(format!("at byte {}: {what}", machine.reader.at)),
        }
    }

    /// Refuses what holds itself, and what is so deep, or shares so much, that a walk over it would not end well.
    pub fn check_shape(&self) -> Checked<()> {
        let max_expanded = MAX_EXPANDED.max(4 * self.items.len() as u64);
        // A value's depth and its expanded size; none while its parts are being looked at.
        let mut known: HashMap<Id, Option<(u32, u64)>> = HashMap::new();
        let mut todo = vec![self.root];
        while let Some(&id) = todo.last() {
            let parts = self.items[id].parts();
            match known.get(&id) {
                Some(Some(_)) => {
                    todo.pop();
                }
                Some(None) => {
                    let mut depth = 0;
                    let mut size: u64 = 1;
                    for part in parts {
                        let Some(&Some((part_depth, part_size))) = known.get(part) else {
                            return Err("a value holds itself".into());
                        };
                        depth = depth.max(part_depth);
                        size = size.saturating_add(part_size);
                    }
                    if depth >= MAX_DEPTH {
                        return Err(format!("values are nested more than {MAX_DEPTH} levels deep"));
                    }
                    if size > max_expanded {
                        return Err(format!(
                            "more than {max_expanded} values, counted each time where shared"
                        ));
                    }
                    known.insert(id, Some((depth + 1, size)));
                    todo.pop();
                }
                None => {
                    known.insert(id, None);
                    for part in parts {
                        match known.get(part) {
                            None => todo.push(*part),
                            Some(None) => return Err("a value holds itself".into()),
                            Some(Some(_)) => {}
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

impl Item {
    fn parts(&self) -> &[Id] {
        match self {
            Item::Tuple(parts) | Item::List(parts) | Item::Dict(parts) => parts,
            Item::Object(state) => std::slice::from_ref(state),
            _ => &[],
        }
    }
}

/// libtorch's stack machine.
struct Machine<'a> {
    reader: Reader<'a>,
    items: Vec<Item>,
    stack: Vec<Id>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
    storages: Storages<'a>,
    /// The bytes of all storages so far.
    bytes_read: u64,
    devices: BTreeSet<String>,
}

impl Machine<'_> {
    fn run(&mut self) -> Checked<Id> {
        if self.reader.take(2)? != [0x80, 2] {
            return Err("it does not begin as a pickle of protocol 2".into());
        }
        loop {
            let opcode = self.reader.byte()?;
            if opcode == b'.' {
                break;
            }
            self.step(opcode)?;
        }
        match self.stack[..] {
            [root] if self.marks.is_empty() => Ok(root),
            _ => Err(format!("it ends with {} values instead of one", self.stack.len())),
        }
    }

    fn step(&mut self, opcode: u8) -> Checked<()> {
        match opcode {
            b'(' => self.marks.push(self.stack.len()),
            b'N' => self.push(Item::None),
            0x88 | 0x89 => self.push(Item::Bool),
            b'K' => self.push_int::<1>(|it| i64::from(it[0]))?,
            b'M' => self.push_int(|it| i64::from(u16::from_le_bytes(it)))?,
            b'J' => self.push_int(|it| i64::from(i32::from_le_bytes(it)))?,
            0x8a => {
                if self.reader.byte()? != 8 {
                    return Err("an integer has not 8 bytes".into());
                }
                self.push_int(i64::from_le_bytes)?;
            }
            b'G' => {
                self.reader.take(8)?;
                self.push(Item::Float);
            }
            b'X' => {
                let len = self.reader.u32()?;
                let bytes = self.reader.take(len as usize)?;
                let text = String::from_utf8_lossy(bytes).into_owned();
                self.push(Item::Text(text));
            }
            b')' => self.push(Item::Tuple(vec![])),
            b']' => self.push(Item::List(vec![])),
            b'}' => self.push(Item::Dict(vec![])),
            b't' => {
                let parts = self.pop_to_mark()?;
                self.push(Item::Tuple(parts));
            }
            b'l' => {
                let parts = self.pop_to_mark()?;
                self.push(Item::List(parts));
            }
            0x85..=0x87 => {
                let parts = self.pop_many(usize::from(opcode - 0x84))?;
                self.push(Item::Tuple(parts));
            }
            b'e' => {
                let parts = self.pop_to_mark()?;
                match self.top()? {
                    Item::List(list) => list.extend(parts),
                    other => return Err(format!("values are appended to {}", other.what())),
                }
            }
            b's' => {
                let entry = self.pop_many(2)?;
                self.insert(entry)?;
            }
            b'u' => {
                let entries = self.pop_to_mark()?;
                self.insert(entries)?;
            }
            b'd' => {
                let entries = self.pop_to_mark()?;
                self.push(Item::Dict(vec![]));
                self.insert(entries)?;
            }
            b'q' => {
                let index = u32::from(self.reader.byte()?);
                self.remember(index)?;
            }
            b'r' => {
                let index = self.reader.u32()?;
                self.remember(index)?;
            }
            b'h' => {
                let index = u32::from(self.reader.byte()?);
                self.recall(index)?;
            }
            b'j' => {
                let index = self.reader.u32()?;
                self.recall(index)?;
            }
            b'c' => {
                let (module, name) = (self.reader.line()?, self.reader.line()?);
                let global = tensors::global(module, name)?;
                self.push(Item::Global(global));
            }
            0x81 => {
                let [class, _] = self.pop()?;
                match self.items[class] {
                    Item::Global(Global::Class) => self.push(Item::Instance),
                    ref other => return Err(format!("{} is made an object", other.what())),
                }
            }
            b'b' => {
                let [instance, state] = self.pop()?;
                match &self.items[instance] {
                    Item::Instance => self.push(Item::Object(state)),
                    other => return Err(format!("{} is given a state", other.what())),
                }
            }
            b'R' => {
                let [function, arguments] = self.pop()?;
                let Item::Global(function) = self.items[function] else {
                    return Err(format!("{} is called", self.items[function].what()));
                };
                let result = self.call(function, arguments)?;
                self.stack.push(result);
            }
            b'Q' => {
                let [key] = self.pop()?;
                let tensors::Storage { elements, bytes, device } =
                    tensors::storage(&self.parts_of(key)?, &self.storages)?;
                self.bytes_read = self.bytes_read.saturating_add(bytes);
                self.devices.insert(device);
                if self.bytes_read > self.storages.max_bytes {
                    return Err(format!("its tensors take more than {} bytes", self.storages.max_bytes));
                }
                self.push(Item::Storage { elements });
            }
            other => return Err(format!("the opcode {other:#04x} is unknown")),
        }
        Ok(())
    }

    /// What libtorch makes of a call.
    fn call(&mut self, function: Global, arguments: Id) -> Checked<Id> {
        let parts = self.parts_of(arguments)?;
        let result = match (function, &parts[..]) {
            (Global::TypedList, [Item::List(_)])
            | (Global::TypeTag, [Item::List(_) | Item::Dict(_), Item::Text(_)]) => {
                let Item::Tuple(ids) = &self.items[arguments] else {
                    unreachable!("parts are those of a tuple")
                };
                return Ok(ids[0]);
            }
            (Global::Tensor, _) => tensors::tensor(&parts, &self.items)?,
            (Global::QuantizedTensor, _) => tensors::quantized(&parts, &self.items)?,
            (Global::SparseTensor, _) => tensors::sparse(&parts, &self.items)?,
            (Global::Hooks, _) => Item::None,
            (Global::Complex, [Item::Float, Item::Float]) => Item::Complex,
            (Global::Device, [Item::Text(_)]) => Item::Device,
            _ => return Err(format!("{function:?} is called with other arguments than libtorch writes")),
        };
        self.push(result);
        Ok(self.stack.pop().expect("it was just pushed"))
    }

    fn push(&mut self, item: Item) {
        self.items.push(item);
        self.stack.push(self.items.len() - 1);
    }

    fn push_int<const N: usize>(&mut self, read: impl FnOnce([u8; N]) -> i64) -> Checked<()> {
        let bytes = self.reader.take(N)?.try_into().expect("that many bytes were taken");
        self.push(Item::Int(read(bytes)));
        Ok(())
    }

    /// Removes the topmost values, which must lie above the last mark.
    fn pop_many(&mut self, n: usize) -> Checked<Vec<Id>> {
        let bottom = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(n) {
            Some(start) if start >= bottom => Ok(self.stack.split_off(start)),
            _ => Err("the stack is empty".into()),
        }
    }

    fn pop<const N: usize>(&mut self) -> Checked<[Id; N]> {
        Ok(self.pop_many(N)?.try_into().expect("that many values were removed"))
    }

    fn pop_to_mark(&mut self) -> Checked<Vec<Id>> {
        let mark = self.marks.pop().ok_or("there is no mark")?;
        Ok(self.stack.split_off(mark))
    }

    fn top(&mut self) -> Checked<&mut Item> {
        let bottom = self.marks.last().copied().unwrap_or(0);
        match self.stack.last() {
            Some(&id) if self.stack.len() > bottom => Ok(&mut self.items[id]),
            _ => Err("the stack is empty".into()),
        }
    }

    fn insert(&mut self, entries: Vec<Id>) -> Checked<()> {
        if !entries.len().is_multiple_of(2) {
            return Err("a key has no value".into());
        }
        match self.top()? {
            Item::Dict(dict) => dict.extend(entries),
            other => return Err(format!("entries are put into {}", other.what())),
        }
        Ok(())
    }

    fn remember(&mut self, index: u32) -> Checked<()> {
        // libtorch's memo is a vector.
        if index as usize >= self.reader.bytes.len() {
            return Err(format!("the memo has no place {index}"));
        }
        self.top()?;
        let id = *self.stack.last().expect("there is a top");
        self.memo.insert(index, id);
        Ok(())
    }

    fn recall(&mut self, index: u32) -> Checked<()> {
        let id = *self.memo.get(&index).ok_or_else(|| format!("the memo holds nothing at {index}"))?;
        self.stack.push(id);
        Ok(())
    }

    /// The parts of a tuple.
    fn parts_of(&self, id: Id) -> Checked<Vec<&Item>> {
        match &self.items[id] {
            Item::Tuple(parts) => Ok(parts.iter().map(|&it| &self.items[it]).collect()),
            other => Err(format!("{} stands for a tuple", other.what())),
        }
    }
}

impl Item {
    fn what(&self) -> &'static str {
        match self {
            Item::None => "none",
            Item::Bool => "a bool",
            Item::Int(_) => "an integer",
            Item::Float => "a float",
            Item::Text(_) => "a text",
            Item::Complex => "a complex number",
            Item::Device => "a device",
            Item::Tuple(_) => "a tuple",
            Item::List(_) => "a list",
            Item::Dict(_) => "a dictionary",
            Item::Global(_) => "a global",
            Item::Instance => "an object without a state",
            Item::Object(_) => "an object",
            Item::Storage { .. } => "a storage",
            Item::Tensor { .. } => "a tensor",
        }
    }
}

/// The bytes that are not read yet.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Checked<&'a [u8]> {
        let taken = self.bytes[self.at..].get(..n).ok_or("it ends too early")?;
        self.at += n;
        Ok(taken)
    }

    fn byte(&mut self) -> Checked<u8> {
        Ok(self.take(1)?[0])
    }

    fn u32(&mut self) -> Checked<u32> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("four bytes were taken")))
    }

    /// A name, which ends at a newline.
    fn line(&mut self) -> Checked<&'a str> {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|&it| it == b'\n').ok_or("a name does not end")?;
        self.at += len + 1;
        std::str::from_utf8(&rest[..len]).map_err(|_| "a name is not text".into())
    }
}
