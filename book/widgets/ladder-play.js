// A view and a speed -> moments of the trace, frame by frame. Time passes in
// proportion: a pause of 40 ms takes 4,000 times as long as one of 10 µs.
"use strict";
(() => {
  const lab = globalThis.socketLab;

  // How many times as long as it took.
  lab.ladderSpeeds = [
    [0.1, "10× faster"], [1, "real time"], [10, "10× slower"], [100, "100× slower"],
    [1000, "1,000× slower"], [10000, "10,000× slower"],
  ];

  // The slowest that shows all of it in twelve seconds.
  lab.ladderSpeedFor = (view) => {
    const seconds = (view.end - view.start) / 1e9;
    const fits = lab.ladderSpeeds.filter(([slower]) => seconds * slower <= 12);
    return (fits[fits.length - 1] ?? lab.ladderSpeeds[0])[0];
  };

  // `tick(t, row)`: it is t, and this row was the last to happen; `ended()`.
  lab.ladderPlayer = (tick, ended) => {
    let view, frame = 0, t = 0, before = 0, row = -1, slower = 1;

    function next(now) {
      t += Math.max(0, now - before) * 1e6 / slower;
      before = now;
      if (t >= view.end) {
        stop();
        ended();
        return;
      }
      tell();
      frame = requestAnimationFrame(next);
    }
    function tell() {
      while (row + 1 < view.rows.length && view.times[row + 1] <= t) row++;
      tick(t, row);
    }
    function stop() {
      cancelAnimationFrame(frame);
      frame = 0;
    }

    return {
      get on() { return frame !== 0; },
      // From this moment on; rows before `from` have happened.
      start(what, moment, from) {
        stop();
        view = what;
        t = moment;
        row = from;
        before = performance.now();
        frame = requestAnimationFrame(next);
      },
      // Goes on from here without a pause.
      jump(moment, from) {
        t = moment;
        row = from;
        tell();
      },
      speed(factor) { slower = factor; },
      stop,
    };
  };
})();
