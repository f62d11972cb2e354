//! From the text of an expression to a [`Query`].

use std::cmp::Ordering;

use sqlparser::ast;
use sqlparser::parser::Parser;

use super::aggregate::{Aggregate, Function};
use super::condition::{Condition, Literal, Pattern, Test};
use super::property::Property;
use super::words::{self, AdvancedQuery};
use super::{Order, Output, Query, QueryError};

/// Source: AWS Config API Reference, `SelectResourceConfig`, `Expression`.
const MAX_CHARACTERS: usize = 4096;

/// Source: AWS Config Developer Guide, aggregation limitations of advanced queries.
const MAX_GROUPING_PROPERTIES: usize = 3;

/// How deep parentheses and NOTs may be nested. Ours, not AWS's: the parser recurses, and with its own limit of 50 an
/// unoptimized build overflows the two megabytes of a thread's stack.
const MAX_NESTING: usize = 24;

pub(super) fn query(expression: &str) -> Result<Query, QueryError> {
    let found = expression.chars().count();
    if !(1..=MAX_CHARACTERS).contains(&found) {
        return Err(QueryError::Length { limit: MAX_CHARACTERS, found });
    }
    let tokens = words::read(expression)?;
    let mut parser =
        Parser::new(&AdvancedQuery).with_recursion_limit(MAX_NESTING).with_tokens_with_locations(tokens);
    let parsed = parser
        .parse_query()
        .and_then(|query| parser.expect_token(&sqlparser::tokenizer::Token::EOF).map(|_| query))
        .map_err(|error| QueryError::Expression(error.to_string()))?;

    let ast::Query { body, order_by, .. } = *parsed;
    let ast::SetExpr::Select(select) = *body else { return Err(unexpected("one SELECT", &body)) };
    if select.projection.is_empty() {
        return Err(QueryError::Expression("expected properties after SELECT, found none".to_owned()));
    }
    let query = Query {
        outputs: select.projection.iter().map(output).collect::<Result<_, _>>()?,
        condition: select.selection.as_ref().map(condition).transpose()?,
        group_by: group_by(&select.group_by)?,
        order_by: order_by.iter().map(orders).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect(),
    };
    check_aggregation(&query)?;
    Ok(query)
}

fn output(item: &ast::SelectItem) -> Result<Output, QueryError> {
    match item {
        ast::SelectItem::Wildcard(_) => Ok(Output::Scalars),
        ast::SelectItem::UnnamedExpr(expression) => aggregate_or_property(expression),
        ast::SelectItem::ExprWithAlias { expr, alias } => {
            Err(unexpected(&format!("a comma after `{expr}`"), alias))
        }
        _ => Err(unexpected("a property, a function of one or `*`", item)),
    }
}

fn aggregate_or_property(expression: &ast::Expr) -> Result<Output, QueryError> {
    match expression {
        ast::Expr::Function(function) => aggregate(function).map(Output::Aggregate),
        _ => property(expression).map(Output::Property),
    }
}

fn aggregate(function: &ast::Function) -> Result<Aggregate, QueryError> {
    let refused = || unexpected("AVG, COUNT, MAX, MIN or SUM of one property, or `COUNT(*)`", function);
    let name = Function::named(&function.name.to_string()).ok_or_else(refused)?;
    let ast::FunctionArguments::List(arguments) = &function.args else { return Err(refused()) };
    let [ast::FunctionArg::Unnamed(argument)] = arguments.args.as_slice() else { return Err(refused()) };
    if arguments.duplicate_treatment.is_some() || !arguments.clauses.is_empty() {
        return Err(refused());
    }
    let argument = match argument {
        ast::FunctionArgExpr::Wildcard if name == Function::Count => None,
        ast::FunctionArgExpr::Expr(expression) => Some(property(expression)?),
        _ => return Err(refused()),
    };
    Ok(Aggregate { function: name, argument })
}

fn property(expression: &ast::Expr) -> Result<Property, QueryError> {
    match expression {
        ast::Expr::Identifier(key) => Ok(Property::named(&key.value)),
        ast::Expr::CompoundIdentifier(keys) => {
            Ok(Property::new(keys.iter().map(|key| key.value.clone()).collect()))
        }
        _ => Err(unexpected("a property", expression)),
    }
}

fn condition(expression: &ast::Expr) -> Result<Condition, QueryError> {
    let negated = |condition, is_negated: &bool| {
        if *is_negated { Condition::Not(Box::new(condition)) } else { condition }
    };
    let both =
        |left: &ast::Expr, right: &ast::Expr| Ok((Box::new(condition(left)?), Box::new(condition(right)?)));
    match expression {
        ast::Expr::Nested(inner) => condition(inner),
        ast::Expr::UnaryOp { op: ast::UnaryOperator::Not, expr } => {
            Ok(Condition::Not(Box::new(condition(expr)?)))
        }
        ast::Expr::BinaryOp { left, op: ast::BinaryOperator::And, right } => {
            both(left, right).map(|(left, right)| Condition::Both(left, right))
        }
        ast::Expr::BinaryOp { left, op: ast::BinaryOperator::Or, right } => {
            both(left, right).map(|(left, right)| Condition::Either(left, right))
        }
        ast::Expr::BinaryOp { left, op, right } => comparison(left, op, right),
        ast::Expr::In { expr, target: ast::InTarget::List(list), negated: is_negated, global: false } => {
            let literals = list.iter().map(literal).collect::<Result<_, _>>()?;
            Ok(negated(Condition::Any(property(expr)?, Test::IsOneOf(literals)), is_negated))
        }
        ast::Expr::Between { expr, negated: is_negated, low, high } => {
            let test = Test::IsBetween(literal(low)?, literal(high)?);
            Ok(negated(Condition::Any(property(expr)?, test), is_negated))
        }
        ast::Expr::Like { negated: is_negated, any: false, expr, pattern, escape_char: None } => {
            let Literal::Text(text) = literal(pattern)? else {
                return Err(unexpected("text after LIKE", pattern));
            };
            let pattern = Pattern::read(&text).map_err(|expected| unexpected(expected, pattern))?;
            Ok(negated(Condition::Any(property(expr)?, Test::IsLike(pattern)), is_negated))
        }
        _ => Err(unexpected("a condition", expression)),
    }
}

/// `!=`, `<=` and `>=` are the negations of `=`, `>` and `<` on one value. On a list they ask, like every condition,
/// whether any element passes, except `!=`: that no element equals is what whoever writes it means.
fn comparison(
    left: &ast::Expr,
    op: &ast::BinaryOperator,
    right: &ast::Expr,
) -> Result<Condition, QueryError> {
    let property = property(left)?;
    let literal = literal(right)?;
    let any = |ordering| Condition::Any(property.clone(), Test::Is(ordering, literal.clone()));
    let or_equal = |ordering| Condition::Either(Box::new(any(ordering)), Box::new(any(Ordering::Equal)));
    match op {
        ast::BinaryOperator::Eq => Ok(any(Ordering::Equal)),
        ast::BinaryOperator::NotEq => Ok(Condition::Not(Box::new(any(Ordering::Equal)))),
        ast::BinaryOperator::Lt => Ok(any(Ordering::Less)),
        ast::BinaryOperator::Gt => Ok(any(Ordering::Greater)),
        ast::BinaryOperator::LtEq => Ok(or_equal(Ordering::Less)),
        ast::BinaryOperator::GtEq => Ok(or_equal(Ordering::Greater)),
        _ => Err(unexpected("=, !=, <>, <, <=, > or >=", op)),
    }
}

fn literal(expression: &ast::Expr) -> Result<Literal, QueryError> {
    let refused = || unexpected("a text in single quotes, a number, TRUE or FALSE", expression);
    match expression {
        ast::Expr::Value(value) => match &value.value {
            ast::Value::SingleQuotedString(text) => Ok(Literal::Text(text.clone())),
            ast::Value::Number(digits, _) => digits.parse().map(Literal::Number).map_err(|_| refused()),
            ast::Value::Boolean(boolean) => Ok(Literal::Boolean(*boolean)),
            _ => Err(refused()),
        },
        ast::Expr::UnaryOp { op: ast::UnaryOperator::Minus, expr } => match literal(expr)? {
            Literal::Number(number) => Ok(Literal::Number(-number)),
            _ => Err(refused()),
        },
        _ => Err(refused()),
    }
}

fn group_by(group_by: &ast::GroupByExpr) -> Result<Vec<Property>, QueryError> {
    match group_by {
        ast::GroupByExpr::Expressions(expressions, modifiers) if modifiers.is_empty() => {
            expressions.iter().map(property).collect()
        }
        _ => Err(unexpected("properties to group by", group_by)),
    }
}

fn orders(order_by: &ast::OrderBy) -> Result<Vec<Order>, QueryError> {
    let ast::OrderByKind::Expressions(expressions) = &order_by.kind else {
        return Err(unexpected("properties to order by", order_by));
    };
    expressions
        .iter()
        .map(|order| {
            let is_descending = match &order.options.sort {
                None | Some(ast::OrderBySort::Asc) => false,
                Some(ast::OrderBySort::Desc) => true,
                Some(_) => return Err(unexpected("ASC or DESC", order)),
            };
            Ok(Order { by: aggregate_or_property(&order.expr)?, is_descending })
        })
        .collect()
}

/// What is neither grouped by nor aggregated has no one value in a group.
fn check_aggregation(query: &Query) -> Result<(), QueryError> {
    let ordered_by = query.order_by.iter().map(|order| &order.by);
    let orders_by_aggregate = ordered_by.clone().any(|output| matches!(output, Output::Aggregate(_)));
    if !query.is_aggregation() {
        return if orders_by_aggregate {
            Err(QueryError::Expression(
                "expected ORDER BY to name properties, found a function in a query without GROUP BY"
                    .to_owned(),
            ))
        } else {
            Ok(())
        };
    }
    let limit = if orders_by_aggregate { 1 } else { MAX_GROUPING_PROPERTIES };
    if limit < query.group_by.len() {
        let found = query.group_by.len();
        return Err(QueryError::Expression(format!(
            "GROUP BY: expected at most {limit} properties here, found {found}"
        )));
    }
    let stray = query.outputs.iter().chain(ordered_by).find(|output| match output {
        Output::Scalars => true,
        Output::Property(property) => !query.group_by.contains(property),
        Output::Aggregate(_) => false,
    });
    match stray {
        Some(Output::Property(property)) => Err(QueryError::Expression(format!(
            "expected `{property}` in GROUP BY or in a function, since other rows are grouped"
        ))),
        Some(_) => Err(QueryError::Expression(
            "expected properties or functions beside GROUP BY, found `*`".to_owned(),
        )),
        None => Ok(()),
    }
}

fn unexpected(expected: &str, found: &impl std::fmt::Display) -> QueryError {
    QueryError::Expression(format!("expected {expected}, found `{found}`"))
}
