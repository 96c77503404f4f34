//! The backend for databases of the MySQL protocol, which several processes share (`docs/decisions/0007`).

mod access;
mod conn;
mod node;
mod options;
mod pool;
mod query;
mod schema;
mod settings;

pub use options::MysqlOptions;
