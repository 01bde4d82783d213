//! Writes the selected fields of a stored statement as JSON while its text is read.
use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{SelectedField, SelectedFields, Shape};

/// The JSON of the fields of a statement that were written so far.
#[derive(Debug, Default)]
pub(super) struct WrittenFields {
    pub(super) json: Vec<u8>,
    /// The number of fields, at every depth.
    pub(super) fields: usize,
}

impl SelectedFields {
    /// Writes the selected fields of a text as JSON; none if it is damaged.
    pub(super) fn write(&self, text: &str) -> Option<WrittenFields> {
        let mut written = WrittenFields::default();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let object = ObjectSeed { selected: self, written: &mut written };
        object.deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(written)
    }
}

impl WrittenFields {
    fn write<E: serde::de::Error>(&mut self, scalar: impl Serialize) -> Result<(), E> {
        serde_json::to_writer(&mut self.json, &scalar).map_err(E::custom)
    }

    /// Writes the items of a list, each with `write_item`.
    fn write_list<'de, A: SeqAccess<'de>>(
        &mut self,
        mut items: A,
        mut write_item: impl FnMut(&mut Self, &mut A) -> Result<Option<()>, A::Error>,
    ) -> Result<(), A::Error> {
        self.json.push(b'[');
        let start = self.json.len();
        loop {
            let end = self.json.len();
            if end > start {
                self.json.push(b',');
            }
            if write_item(self, &mut items)?.is_none() {
                self.json.truncate(end);
                break;
            }
        }
        self.json.push(b']');
        Ok(())
    }
}

/// Writes the selected fields of an object, or of each object of a list.
struct ObjectSeed<'a> {
    selected: &'a SelectedFields,
    written: &'a mut WrittenFields,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { selected: SelectedFields(fields), written } = self;
        // The values come in the order of the text, and are then put in that of the answer.
        let start = written.json.len();
        let mut values = vec![None; fields.len()];
        while let Some(position) = map.next_key_seed(NameSeed(fields))? {
            let Some(position) = position else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let begin = written.json.len() - start;
            match &fields[position].shape {
                Shape::Plain => map.next_value_seed(PlainSeed(&mut *written))?,
                Shape::Object(selected) => {
                    map.next_value_seed(ObjectSeed { selected, written: &mut *written })?;
                }
            }
            values[position] = Some(begin..written.json.len() - start);
        }
        let texts = written.json.split_off(start);
        let mut separator = b'{';
        for (field, value) in fields.iter().zip(values) {
            written.json.push(separator);
            separator = b',';
            written.write(field.key.as_str())?;
            written.json.push(b':');
            let text = value.map_or(&field.absent[..], |value| &texts[value]);
            written.json.extend_from_slice(text);
        }
        written.json.push(b'}');
        written.fields += fields.len();
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        let selected = self.selected;
        self.written.write_list(items, |written, items| {
            items.next_element_seed(ObjectSeed { selected, written })
        })
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.written.write(())
    }
}

/// Reads a key; returns the position of the field with that name, if it is selected.
struct NameSeed<'a>(&'a [SelectedField]);

impl<'de> DeserializeSeed<'de> for NameSeed<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<usize>, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|field| field.name == name))
    }
}

/// Writes a scalar, or a list of scalars.
struct PlainSeed<'a>(&'a mut WrittenFields);

impl<'de> DeserializeSeed<'de> for PlainSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PlainSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar or a list of scalars")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.0.write(value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.0.write(value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.0.write(value)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.0.write(value)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.0.write(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        self.0.write_list(items, |written, items| items.next_element_seed(PlainSeed(written)))
    }
}
