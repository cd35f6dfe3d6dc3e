-- A fleet of 100,000 hosts in tables with indexes, of the shape that src/fleet/fleet_population_bench.hpp
-- makes up: 6 releases, 400 roles, 24 patch levels, 700 packages of 3,220 names. Prints what a new advisory
-- costs: the hosts that have a version of one package below its fix.
\set ON_ERROR_STOP on
\timing off
create table role_name as
    select role, name from generate_series(0, 399) role, generate_series(0, 249) name
    union all
    select role, name from (
        select role, name, row_number() over (partition by role order by hashint8(role * 10000 + name)) place
        from generate_series(0, 399) role, generate_series(250, 3219) name) drawn
    where place <= 450;
create table list_version as
    select role * 24 + level as list,
        ((role % 6) * 3220 + name) * 24 + level * (2 + abs(hashint8(name)) % 16) / 24 as version
    from role_name, generate_series(0, 23) level;
create table version as
    select version as id, version / 24 as package, version % 24 as place from list_version group by 1;
alter table version add primary key (id);
create index on version (package, place);
create table host_version as
    select (host)::int as host, version::int as version
    from generate_series(0, 99999) host join list_version on list = host::bigint * 9600 / 100000;
create index on host_version (version) include (host);
analyze;
vacuum host_version;

select count(*) as rows, pg_size_pretty(pg_table_size('host_version')) as "table",
    pg_size_pretty(pg_indexes_size('host_version')) as "index" from host_version;

create table took (ms float8, hosts int);
create function ask(times int) returns void language plpgsql as $$
declare
    one record;
    found int[];
    started timestamptz;
begin
    for one in select package, place from version where place > 0 order by hashint8(id) limit times loop
        started := clock_timestamp();
        select array_agg(distinct hv.host) into found
            from version v join host_version hv on hv.version = v.id
            where v.package = one.package and v.place < one.place;
        insert into took values (
            extract(epoch from clock_timestamp() - started) * 1000, coalesce(array_length(found, 1), 0));
    end loop;
end $$;
select ask(300);
truncate took;
select ask(300);
select round(percentile_cont(0.5) within group (order by ms)::numeric, 2) as p50_ms,
    round(percentile_cont(0.99) within group (order by ms)::numeric, 2) as p99_ms,
    round(max(ms)::numeric, 2) as max_ms, round(avg(hosts)) as hosts from took;
