//! Maps as dictionaries of TorchScript, which keep the order in which keys were inserted. The order of a `HashMap` is
//! random, and must reach neither graphs nor files: its entries are sorted on their way out, and maps that are given to
//! a body are hashed alike, so that all maps with equal keys are walked in one order.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::LazyLock;

use super::{Arg, IntoValue, ScriptOutput, ScriptType, mismatch};
use crate::error::Result;
use crate::ffi::{Kind, Type, Value};

type Entry = (Value, Value);

#[diagnostic::do_not_recommend]
impl<K: ScriptType, V: ScriptType> ScriptType for HashMap<K, V> {
    type Erased = HashMap<K::Erased, V::Erased>;
    fn is_exact(&self) -> bool {
        self.iter().all(|(key, value)| key.is_exact() && value.is_exact())
    }
    fn script_type() -> Type {
        dict_type::<K, V>()
    }
    fn to_value(&self) -> Value {
        let mut entries: Vec<Entry> = self.iter().map(entry_of).collect();
        entries.sort_by_cached_key(|(key, _)| (key.as_int(), key.as_bool(), key.as_text(), key.to_string()));
        dict::<K, V>(entries)
    }
}

#[diagnostic::do_not_recommend]
impl<K: ScriptType, V: ScriptType> ScriptType for BTreeMap<K, V> {
    type Erased = BTreeMap<K::Erased, V::Erased>;
    fn is_exact(&self) -> bool {
        self.iter().all(|(key, value)| key.is_exact() && value.is_exact())
    }
    fn script_type() -> Type {
        dict_type::<K, V>()
    }
    fn to_value(&self) -> Value {
        dict::<K, V>(self.iter().map(entry_of).collect())
    }
}

fn dict_type<K: ScriptType, V: ScriptType>() -> Type {
    Type::dict(&K::script_type(), &V::script_type()).expect("a key that libtorch can compare")
}

fn entry_of<K: ScriptType, V: ScriptType>((key, value): (&K, &V)) -> Entry {
    (key.to_value(), value.to_value())
}

fn dict<K: ScriptType, V: ScriptType>(entries: Vec<Entry>) -> Value {
    let (keys, values): (Vec<Value>, Vec<Value>) = entries.into_iter().unzip();
    Value::dict(&K::script_type(), &V::script_type(), &keys, &values)
        .expect("keys and values are of the map's types")
}

#[diagnostic::do_not_recommend]
impl<K: ScriptOutput + Eq + Hash, V: ScriptOutput> ScriptOutput for HashMap<K, V> {
    fn from_value(value: &Value) -> Result<Self> {
        Ok(hashed_alike(entries::<Self, K, V>(value)?))
    }
}

#[diagnostic::do_not_recommend]
impl<K: ScriptOutput + Ord, V: ScriptOutput> ScriptOutput for BTreeMap<K, V> {
    fn from_value(value: &Value) -> Result<Self> {
        Ok(entries::<Self, K, V>(value)?.into_iter().collect())
    }
}

fn entries<M: ScriptType, K: ScriptOutput, V: ScriptOutput>(value: &Value) -> Result<Vec<(K, V)>> {
    if value.kind() != Kind::Dict {
        return Err(mismatch::<M>(value));
    }
    let entries = value.elements();
    entries.chunks(2).map(|entry| Ok((K::from_value(&entry[0])?, V::from_value(&entry[1])?))).collect()
}

/// A map whose order is that of every other map which these keys were inserted into in this order.
fn hashed_alike<K: Eq + Hash, V>(entries: Vec<(K, V)>) -> HashMap<K, V> {
    static ALIKE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let mut map = HashMap::with_capacity_and_hasher(entries.len(), ALIKE.clone());
    map.extend(entries);
    map
}

#[diagnostic::do_not_recommend]
impl<'a, K: ScriptOutput + Clone + 'static + Eq + Hash, T: Arg<'a>> Arg<'a> for HashMap<K, T> {
    type Owned = HashMap<K, T::Owned>;
    fn from_owned(owned: &'a Self::Owned) -> Self {
        hashed_alike(owned.iter().map(|(key, value)| (key.clone(), T::from_owned(value))).collect())
    }
}

#[diagnostic::do_not_recommend]
impl<'a, K: ScriptOutput + Clone + 'static + Ord, T: Arg<'a>> Arg<'a> for BTreeMap<K, T> {
    type Owned = BTreeMap<K, T::Owned>;
    fn from_owned(owned: &'a Self::Owned) -> Self {
        owned.iter().map(|(key, value)| (key.clone(), T::from_owned(value))).collect()
    }
}

macro_rules! into_values {
    ($($map:ident of $($order:ident)+;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<K: ScriptOutput $(+ $order)+, T, U: IntoValue<T>> IntoValue<$map<K, T>> for $map<K, U> {
            fn into_owned(self) -> $map<K, T> {
                self.into_iter().map(|(key, value)| (key, value.into_owned())).collect()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<'a, K: ScriptOutput + Clone $(+ $order)+, T, U> IntoValue<$map<K, T>> for &'a $map<K, U>
        where
            &'a U: IntoValue<T>,
        {
            fn into_owned(self) -> $map<K, T> {
                self.iter().map(|(key, value)| (key.clone(), value.into_owned())).collect()
            }
        }
    )*};
}

into_values! {
    HashMap of Eq Hash;
    BTreeMap of Ord;
}
