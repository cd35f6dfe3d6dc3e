// node-semver's answer (loose mode) for each pair on standard input; npm brings the library.
const path = require('path');
const { execFileSync } = require('child_process');
const root = execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim();
const semver = require(path.join(root, 'npm', 'node_modules', 'semver'));
const lines = require('fs').readFileSync(0, 'utf8').split('\n').slice(0, -1);
const answers = lines.map((line) => {
    const [left, right] = line.split('\t');
    try {
        return { '-1': '<', 0: '=', 1: '>' }[semver.compare(left, right, { loose: true })];
    } catch {
        return 'invalid';
    }
});
process.stdout.write(answers.join('\n') + '\n');
