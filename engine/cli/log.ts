import { mkdirSync } from 'node:fs';
import path from 'node:path';
import winston from 'winston';
import type { RunEvent } from '../contract/events.js';

/** A log of JSON lines, rotated at 10 MB, five files kept. Row values are not logged. */
export interface EventLog {
  onEvent(event: RunEvent): void;
  line(level: 'info' | 'warn' | 'error', message: string): void;
  /** Waits until all is written. */
  close(): Promise<void>;
}

/** @param file absolute; its folder is made where missing */
export function openLog(file: string, onError: (message: string) => void): EventLog {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
  } catch (error) {
    onError(`no log is written: ${error instanceof Error ? error.message : String(error)}`);
    return { onEvent: () => undefined, line: () => undefined, close: () => Promise.resolve() };
  }
  const transport = new winston.transports.File({
    filename: file,
    maxsize: 10 << 20,
    maxFiles: 5,
    tailable: true,
  });
  const logger = winston.createLogger({
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    // winston's transport is of its own class, which the compiler takes for another one.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    transports: transport,
  });
  logger.on('error', (error: Error) => {
    onError(`the log cannot be written: ${error.message}`);
  });
  return {
    onEvent(event) {
      if (event.type === 'notice') logger.log(event.level, event.message);
      else if (event.type === 'run_finished') {
        const { run, status, exitCode, reasons, duration_ms } = event.result;
        logger.info('run_finished', { run, status, exitCode, reasons, duration_ms });
      } else if (event.type === 'mapping_finished') {
        const { mapping, status, reason, read, inserted, updated, unchanged, skipped, rejected } =
          event.result;
        const { unexplained, duration_ms } = event.result;
        const level = status === 'failed' ? 'error' : 'info';
        const counts = { read, inserted, updated, unchanged, skipped, rejected, unexplained, duration_ms };
        logger.log(level, 'mapping_finished', { mapping, status, reason, ...counts });
      } else {
        const { type, ...fields } = event;
        logger.info(type, fields);
      }
    },
    line(level, message) {
      logger.log(level, message);
    },
    close: () =>
      new Promise((resolve) => {
        transport.on('finish', resolve);
        transport.on('error', () => {
          resolve();
        });
        logger.end();
      }),
  };
}
